package io.carrick.transport.support;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A loop whose tasks run when the test says so, and which refuses them when it has no memory. */
final class ManualLoop implements Executor {

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean full;

  @Override
  public void execute(Runnable task) {
    if (full) {
      throw new OutOfMemoryError("of the test");
    }
    tasks.add(task);
  }

  /** From now on it throws, or no longer. */
  void full(boolean now) {
    full = now;
  }

  /** How many tasks wait. */
  int waiting() {
    return tasks.size();
  }

  /** Takes the task that has waited longest. */
  Runnable take() {
    return tasks.remove();
  }

  /** Runs all that waits, and what that brings. */
  void run() {
    for (@Nullable Runnable next; (next = tasks.poll()) != null; ) {
      next.run();
    }
  }
}
