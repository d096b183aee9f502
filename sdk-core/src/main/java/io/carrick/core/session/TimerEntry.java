package io.carrick.core.session;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** When the timer has something to do in a session, and when it is going to look. */
final class TimerEntry {

  final Session session;
  private volatile boolean timed;
  private volatile long wantedAt;

  // The timer's, which writes it; others look whether they want to be looked at earlier.
  private volatile long dueAt;
  private final AtomicBoolean changed = new AtomicBoolean();
  private @Nullable TimerEntry changedBefore;

  TimerEntry(Session session, long now) {
    this.session = session;
    this.wantedAt = now;
    this.dueAt = now;
  }

  /** Whether the session is one of its runtime. */
  boolean isTimed() {
    return timed;
  }

  void setTimed(boolean value) {
    timed = value;
  }

  long wantedAt() {
    return wantedAt;
  }

  /** Sets when there is something to do; whether that is earlier than the timer looks. */
  boolean want(long at) {
    wantedAt = at;
    return timed && at - dueAt < 0;
  }

  long dueAt() {
    return dueAt;
  }

  void dueAt(long at) {
    dueAt = at;
  }

  /** Whether it was not among the changed ones, and has to go there. */
  boolean change() {
    return changed.compareAndSet(false, true);
  }

  void behind(@Nullable TimerEntry before) {
    changedBefore = before;
  }

  /** Takes it out of the changed ones; the one before it. */
  @Nullable TimerEntry taken() {
    TimerEntry before = changedBefore;
    changedBefore = null;
    changed.set(false);
    return before;
  }
}
