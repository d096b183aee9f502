package io.carrick.core;

import java.util.concurrent.Future;

/**
 * How long a call waits for a session. The time runs out or the call is made, and never both: one
 * that was told as not delivered must not be sent after that. Safe for use by any thread.
 */
final class WaitingTime {

  private final Runnable over;
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean held;
  private boolean reached;
  private boolean ended;

  private final Future<?> timer;

  /** Begins now; {@code over} runs when it has run out. */
  WaitingTime(Delays delays, long nanos, Runnable over) {
    this.over = over;
    this.timer = delays.after(nanos, this::reach);
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
      now = reached && !ended;
      ended |= now;
    }
    if (now) {
      over.run();
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
    timer.cancel(false);
  }

  private void reach() {
    synchronized (lock) {
      reached = true;
      if (held || ended) {
        return;
      }
      ended = true;
    }
    over.run();
  }
}
