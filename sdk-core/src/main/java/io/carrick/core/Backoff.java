package io.carrick.core;

import java.util.function.LongBinaryOperator;

/** Decorrelated jitter: each wait is between the base and three times the last one, capped. */
final class Backoff {

  static final long BASE_NANOS = 50_000_000L;
  static final long CAP_NANOS = 10_000_000_000L;

  private final LongBinaryOperator random;
  private long last = BASE_NANOS;

  /** A back-off over a random that gives a number from its first argument up to its second. */
  Backoff(LongBinaryOperator random) {
    this.random = random;
  }

  long nextNanos() {
    last = Math.min(CAP_NANOS, random.applyAsLong(BASE_NANOS, last * 3));
    return last;
  }

  void reset() {
    last = BASE_NANOS;
  }
}
