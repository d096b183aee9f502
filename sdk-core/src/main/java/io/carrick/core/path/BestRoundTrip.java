package io.carrick.core.path;

/**
 * The best round trip that a path has shown in the last five to ten minutes: in two halves, of
 * which the older one is forgotten. Not safe for use by several threads.
 */
final class BestRoundTrip {

  private static final long HALF_NANOS = 300_000_000_000L;

  private long since;
  private long now = Long.MAX_VALUE;
  private long before = Long.MAX_VALUE;

  BestRoundTrip(long nowNanos) {
    since = nowNanos;
  }

  void add(long micros, long nowNanos) {
    if (nowNanos - since >= HALF_NANOS) {
      before = nowNanos - since >= 2 * HALF_NANOS ? Long.MAX_VALUE : now;
      now = Long.MAX_VALUE;
      since = nowNanos;
    }
    now = Math.min(now, micros);
  }

  /** In microseconds; -1 where nothing was measured. */
  long micros() {
    long best = Math.min(now, before);
    return best == Long.MAX_VALUE ? -1 : best;
  }
}
