package io.carrick.core.session.state;

/**
 * How many bytes may stand unacknowledged, so that a replay is short (F4): what the path has
 * carried in 200 ms or two round trips, at least 256 KiB, and 1 MiB until that is known.
 */
final class ReplayWindow {

  private static final int FIRST_BYTES = 1 << 20;
  private static final int LEAST_BYTES = 256 << 10;
  private static final long SAMPLE_NANOS = 50_000_000L;
  private static final long LEAST_SPAN_MILLIS = 200;

  private long goodput = -1;
  private long since;
  private long bytes;

  void acknowledged(int freed, long now) {
    bytes += freed;
    long span = now - since;
    if (span >= SAMPLE_NANOS) {
      long measured = (long) (bytes * 1e9 / span);
      goodput = Math.max(measured, goodput - goodput / 8);
      bytes = 0;
      since = now;
    }
  }

  /** The window in bytes, for a round trip in nanoseconds (negative where unknown). */
  long bytes(long rtt) {
    if (goodput < 0) {
      return FIRST_BYTES;
    }
    long span = Math.max(LEAST_SPAN_MILLIS, 2 * rtt / 1_000_000);
    return Math.max(LEAST_BYTES, goodput / 1000 * span);
  }
}
