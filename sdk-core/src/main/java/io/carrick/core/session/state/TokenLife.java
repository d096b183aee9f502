package io.carrick.core.session.state;

/**
 * How long the token counts that a session rests on, and when its peer is asked for another one.
 * Serial section only.
 */
public final class TokenLife {

  /**
   * The peer is asked when a fifth of the time is left, and 60 s before the end at the latest; but
   * not before half of the time has passed, where a token is short.
   */
  private static final long LEAST_AHEAD_NANOS = 60_000_000_000L;

  private static final int PART_AHEAD = 5;

  /** And again when half of what is left has passed, after a second at least. */
  private static final long LEAST_AGAIN_NANOS = 1_000_000_000L;

  private long endsAt;
  private long asksAt;
  private int unanswered;

  public TokenLife(long endsAt, long now) {
    renew(endsAt, now);
  }

  public void renew(long newEnd, long now) {
    endsAt = newEnd;
    long left = newEnd - now;
    asksAt = newEnd - Math.min(left / 2, Math.max(LEAST_AHEAD_NANOS, left / PART_AHEAD));
  }

  long nextTick() {
    return asksAt - endsAt < 0 ? asksAt : endsAt;
  }

  public boolean isOver(long now) {
    return now - endsAt >= 0;
  }

  /** Whether the peer should be asked now; true once for each time. */
  boolean asks(long now) {
    if (now - asksAt < 0 || isOver(now)) {
      return false;
    }
    asksAt = now + Math.max(LEAST_AGAIN_NANOS, (endsAt - now) / 2);
    unanswered++;
    return true;
  }

  /** Takes an answer; false if nobody asked for it. */
  boolean answered() {
    if (unanswered == 0) {
      return false;
    }
    unanswered--;
    return true;
  }
}
