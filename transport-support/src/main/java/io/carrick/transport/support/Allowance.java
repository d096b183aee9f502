package io.carrick.transport.support;

import java.util.concurrent.TimeUnit;

/** So many of something in so many seconds, and no more. One thread at a time. */
public final class Allowance {

  private final int most;
  private final long windowNanos;
  private int count;
  private long sinceNanos = System.nanoTime();

  /** So many in so many seconds. */
  public Allowance(int most, int seconds) {
    this.most = most;
    this.windowNanos = TimeUnit.SECONDS.toNanos(seconds);
  }

  /** One more; false if that is too many. */
  public boolean take() {
    long now = System.nanoTime();
    if (now - sinceNanos > windowNanos) {
      sinceNanos = now;
      count = 0;
    }
    return ++count <= most;
  }
}
