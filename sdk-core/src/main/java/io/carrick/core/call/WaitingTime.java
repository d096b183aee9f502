package io.carrick.core.call;

import io.carrick.core.run.Delays;

/**
 * How long a call waits for a session. The time runs out or the call is made, and never both: one
 * that was told as not delivered must not be sent after that. Safe for use by any thread.
 */
final class WaitingTime {

  /** How often it is looked at after it has run out, while the call is being made. */
  private static final long AGAIN_NANOS = 100_000_000L;

  private final Runnable over;
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean held;
  private boolean reached;
  private boolean ended;
  private boolean told;

  private final Delays.Delay timer;

  /** Begins now; {@code over} runs when it has run out. */
  WaitingTime(Delays delays, long nanos, Runnable over) {
    this.over = over;
    this.timer = delays.every(nanos, AGAIN_NANOS, this::reach);
  }

  /** The call is being made, so that its time does not run out; false if it has. */
  boolean hold() {
    synchronized (lock) {
      held = !ended;
      return held;
    }
  }

  /** The call was not made, and waits on; its time runs out here if it came meanwhile. */
  void release() {
    boolean now;
    synchronized (lock) {
      held = false;
      now = reached && !told;
      ended |= now;
    }
    if (now) {
      tell();
    }
  }

  /** Whether the time has run out. */
  boolean isOver() {
    synchronized (lock) {
      return ended;
    }
  }

  /** The call was made, or is over. */
  void stop() {
    timer.cancel();
  }

  /** False once it was told, or never has to be: there may be no memory for that at first. */
  private boolean reach() {
    synchronized (lock) {
      reached = true;
      if (told || held) {
        return !told;
      }
      ended = true;
    }
    tell();
    return false;
  }

  private void tell() {
    over.run();
    synchronized (lock) {
      told = true;
    }
  }
}
