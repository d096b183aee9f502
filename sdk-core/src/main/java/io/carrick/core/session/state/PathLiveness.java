package io.carrick.core.session.state;

/**
 * Tells whether the peer is still there (F11), and measures the round trip; one for each
 * connection. Serial section only.
 */
public final class PathLiveness {

  /** What {@link #tick} found. */
  enum State {
    FINE,
    /** Silent for two waits: another connection should be opened beside. */
    SUSPECT,
    /** Silent for three waits. */
    DEAD
  }

  static final long IDLE_NANOS = 15_000_000_000L;
  private static final long LEAST_WAIT_NANOS = 1_000_000_000L;

  /** How often a PING rides on what is written anyway, to measure the round trip: 200 ms. */
  private static final long MEASURE_NANOS = 200_000_000L;

  /** A PING that is not answered for so long does not keep others from measuring. */
  private static final long UNANSWERED_NANOS = 3_000_000_000L;

  private long since;
  private long pingSentAt;
  private long measuredAt;
  private int unanswered;
  private boolean pingOwed = true;
  private boolean traffic;
  private long token;
  private final RoundTrips rtt = new RoundTrips();

  PathLiveness(long now) {
    since = now;
    measuredAt = now;
  }

  /** While frames of this side wait, only an ACK or a PONG shows that these arrive, too. */
  void received(long now, boolean sequenced, boolean answer, boolean unacknowledged) {
    if (answer || !unacknowledged) {
      since = now;
      unanswered = 0;
    }
    traffic |= sequenced;
  }

  /** Something waits for an acknowledgement from now on. */
  void sending(long now) {
    if (unanswered == 0) {
      since = now;
    }
  }

  /** The round trip in nanoseconds, see {@link RoundTrips}; -1 before the first measurement. */
  public long rtt() {
    return rtt.median();
  }

  /** How often the round trip was measured over this connection. */
  public int measurements() {
    return rtt.count();
  }

  void pong(long pongToken, long now) {
    if (pongToken == token && pingSentAt != 0) {
      rtt.add(now - pingSentAt);
      pingSentAt = 0;
      traffic = false;
      // A connection that is new is measured at once.
      pingOwed |= rtt.count() < RoundTrips.ENOUGH;
    }
  }

  /** Something is written: a PING may ride on it, to measure the round trip. */
  void writing(long now) {
    long since = now - measuredAt;
    if (since >= (pingSentAt == 0 ? MEASURE_NANOS : UNANSWERED_NANOS)) {
      pingOwed = true;
    }
  }

  boolean pingOwed() {
    return pingOwed;
  }

  /** The token of the PING that is written now. */
  long ping(long now) {
    pingOwed = false;
    pingSentAt = now;
    measuredAt = now;
    return ++token;
  }

  /**
   * Short while frames wait for an acknowledgement, and where the peer has sent any since its last
   * PONG: who only receives a stream must notice, too, that it stopped.
   */
  private long wait(boolean unacknowledged) {
    return unacknowledged || traffic ? Math.max(LEAST_WAIT_NANOS, 4 * rtt.median()) : IDLE_NANOS;
  }

  /** When {@link #tick} has something to do. */
  long nextTick(boolean unacknowledged) {
    return since + wait(unacknowledged);
  }

  State tick(long now, boolean unacknowledged) {
    if (now - nextTick(unacknowledged) < 0) {
      return State.FINE;
    }
    // Counted from now: a process that slept must not find its peer dead when it wakes.
    since = now;
    unanswered++;
    pingOwed = true;
    return unanswered >= 3 ? State.DEAD : unanswered == 2 ? State.SUSPECT : State.FINE;
  }
}
