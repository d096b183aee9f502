package io.carrick.core.path;

import java.util.function.LongBinaryOperator;

/**
 * How long to wait between rounds of dials. Where few dial the same service: decorrelated jitter,
 * each wait between 50 ms and three times the last one, at most 3 s. Where many do: 10 to 30 s at
 * random, so that of clients that all wait, one in twenty dials in a second. Not safe for use by
 * several threads.
 */
final class Backoff {

  static final long BASE_NANOS = 50_000_000L;
  static final long CAP_NANOS = 3_000_000_000L;
  static final long LEAST_CROWDED_NANOS = 10_000_000_000L;
  static final long CROWDED_NANOS = 30_000_000_000L;

  private final LongBinaryOperator random;
  private long last = BASE_NANOS;

  /** A back-off over a random that gives a number from its first argument up to its second. */
  Backoff(LongBinaryOperator random) {
    this.random = random;
  }

  long nextNanos(boolean crowded) {
    if (crowded) {
      return random.applyAsLong(LEAST_CROWDED_NANOS, CROWDED_NANOS);
    }
    last = Math.min(CAP_NANOS, random.applyAsLong(BASE_NANOS, last * 3));
    return last;
  }

  void reset() {
    last = BASE_NANOS;
  }
}
