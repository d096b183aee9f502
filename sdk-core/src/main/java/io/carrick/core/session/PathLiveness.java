package io.carrick.core.session;

/**
 * Tells whether the peer is still there (F11), and measures the round trip. Serial section only.
 */
final class PathLiveness {

  static final long IDLE_NANOS = 15_000_000_000L;
  private static final long LEAST_WAIT_NANOS = 1_000_000_000L;
  private static final int PINGS_UNTIL_DEAD = 3;

  private long since;
  private long pingSentAt;
  private int unanswered;
  private boolean pingOwed;
  private long token;
  private long rtt = -1;

  PathLiveness(long now) {
    since = now;
  }

  void received(long now) {
    since = now;
    unanswered = 0;
  }

  /** Something waits for an acknowledgement from now on. */
  void sending(long now) {
    if (unanswered == 0) {
      since = now;
    }
  }

  /**
   * Smoothed round trip (RFC 6298 §2, gain 1/8) in nanoseconds; -1 before the first measurement.
   */
  long rtt() {
    return rtt;
  }

  void pong(long pongToken, long now) {
    if (pongToken == token && pingSentAt != 0) {
      long sample = Math.max(1, now - pingSentAt);
      rtt = rtt < 0 ? sample : rtt + (sample - rtt) / 8;
      pingSentAt = 0;
    }
  }

  /** Asks for a PING with the next flush, to measure the round trip. */
  void measure() {
    pingOwed = true;
  }

  boolean pingOwed() {
    return pingOwed;
  }

  /** The token of the PING that is written now. */
  long ping(long now) {
    pingOwed = false;
    pingSentAt = now;
    return ++token;
  }

  private long wait(boolean unacknowledged) {
    return unacknowledged ? Math.max(LEAST_WAIT_NANOS, 4 * rtt) : IDLE_NANOS;
  }

  /** When {@link #tick} has something to do. */
  long nextTick(boolean unacknowledged) {
    return since + wait(unacknowledged);
  }

  /** Whether the path is dead: three waits in a row went by without a byte. */
  boolean tick(long now, boolean unacknowledged) {
    if (now - nextTick(unacknowledged) < 0) {
      return false;
    }
    // Counted from now: a process that slept must not find its peer dead when it wakes.
    since = now;
    unanswered++;
    pingOwed = true;
    return unanswered >= PINGS_UNTIL_DEAD;
  }
}
