package io.carrick.core.path;

/**
 * How many calls whose outcome is unknown may be sent again, all together: a burst, and then so
 * many a second. Safe for use by any thread; the caller brings the clock.
 */
final class RetryBudget {

  /** As many as may be open at once (F6). */
  static final int BURST = 1_024;

  static final int PER_SECOND = 100;

  private static final long NANOS_EACH = 1_000_000_000L / PER_SECOND;

  // Guarded by this: when the budget is full again.
  private long fullAt;

  RetryBudget(long nowNanos) {
    fullAt = nowNanos;
  }

  /** Takes one; false if there is none left now. */
  synchronized boolean take(long nowNanos) {
    long from = fullAt - nowNanos > 0 ? fullAt : nowNanos;
    if (from + NANOS_EACH - nowNanos > BURST * NANOS_EACH) {
      return false;
    }
    fullAt = from + NANOS_EACH;
    return true;
  }
}
