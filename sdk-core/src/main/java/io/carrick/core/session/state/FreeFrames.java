package io.carrick.core.session.state;

import io.carrick.core.frame.FrameType;

/**
 * Bounds the frames that cost their sender nothing and mean nothing here: PING, PONG, NOTICE, what
 * is not known, an ACK or CREDIT that allows no more, and what is said of an exchange that has
 * ended. A few are right, since both sides may end something at the same time; with millions of
 * them a peer would keep a processor busy for nothing. Serial section only.
 */
public final class FreeFrames {

  /** How many may come together. */
  public static final int MOST_TOGETHER = 16_384;

  /** How many more may come with each frame that means something. */
  static final int FOR_EACH_OTHER = 2;

  /** How many more may come in each second. */
  static final int EACH_SECOND = 1_024;

  /** How many more may come with each connection: both sides measure a new one, and acknowledge. */
  static final int FOR_EACH_CONNECTION = 64;

  /** How many may come at most of what was granted when an exchange ended here. */
  private static final int MOST_GRANTED = 1 << 20;

  private static final long NANOS_EACH = 1_000_000_000L / EACH_SECOND;

  private long left = MOST_TOGETHER;
  private long refilledAt;

  FreeFrames(long now) {
    this.refilledAt = now;
  }

  /** A frame that means something. */
  void other() {
    if (left < MOST_TOGETHER) {
      left += FOR_EACH_OTHER;
    }
  }

  /** Another connection carries the session, which its peer has proved to be its own. */
  void connected() {
    left = Math.min(MOST_GRANTED, left + FOR_EACH_CONNECTION);
  }

  /** An exchange ended here, and what was granted to it may be on its way. */
  void mayStillCome(long frames) {
    left = Math.min(MOST_GRANTED, left + frames);
  }

  /** A frame that means nothing. */
  void spend(FrameType type, long now) throws ViolationException {
    if (--left >= 0) {
      return;
    }
    long more = Math.min(MOST_TOGETHER, (now - refilledAt) / NANOS_EACH);
    refilledAt = now;
    left += more;
    if (left < 0) {
      throw new ViolationException(
          "too many frames that mean nothing, the last one a "
              + type
              + ": "
              + MOST_TOGETHER
              + " may come together, "
              + EACH_SECOND
              + " in a second, and "
              + FOR_EACH_OTHER
              + " for each other frame");
    }
  }
}
