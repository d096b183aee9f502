package io.carrick.core.session.state;

/**
 * How many exchanges of one sort (one-shot, or streaming) the peer may have opened (F6): ended plus
 * a window that doubles when the peer uses all of it.
 */
public final class OpenGrant {

  private final int maxWindow;
  private int window;
  public long opened;
  public long ended;
  private long announced;

  OpenGrant(int initialWindow, int maxWindow) {
    this.window = initialWindow;
    this.maxWindow = maxWindow;
    this.announced = initialWindow;
  }

  /** The peer opened one; false if it had no credit. */
  boolean opened(boolean mayGrow) {
    opened++;
    if (opened > announced) {
      return false;
    }
    if (mayGrow && opened - ended >= window && window < maxWindow) {
      window = Math.min(maxWindow, window * 2);
    }
    return true;
  }

  void ended() {
    ended++;
  }

  /** Whether the peer knows less than it may have. */
  public boolean owed() {
    return ended + window > announced;
  }

  /** Whether the peer may soon stand still for want of a grant. */
  boolean urgent() {
    return ended + window - announced >= Math.max(1, window / 2);
  }

  /** The grant, as it goes into an ACK. */
  long announce() {
    announced = Math.max(announced, ended + window);
    return announced;
  }
}
