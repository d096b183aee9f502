package io.carrick.core;

import org.jspecify.annotations.Nullable;

/**
 * A task that must be done in the end, however little memory there is: to be kept takes none. It
 * throws no OutOfMemoryError, but has itself kept.
 */
interface Unfinished extends Runnable {

  /** Which one is kept before it; null where this one is not kept. */
  @Nullable Unfinished keptBefore();

  void keptBefore(@Nullable Unfinished other);

  /** Those that wait for memory. Safe for use by any thread. */
  final class Kept {

    private static final Unfinished NONE =
        new Unfinished() {
          @Override
          public @Nullable Unfinished keptBefore() {
            return null;
          }

          @Override
          public void keptBefore(@Nullable Unfinished other) {}

          @Override
          public void run() {}
        };

    private Unfinished last = NONE;

    synchronized void add(Unfinished task) {
      if (task.keptBefore() == null) {
        task.keptBefore(last);
        last = task;
      }
    }

    /** Takes one; null if there is none. */
    synchronized @Nullable Unfinished take() {
      Unfinished task = last;
      Unfinished before = task.keptBefore();
      if (before == null) {
        return null;
      }
      last = before;
      task.keptBefore(null);
      return task;
    }

    synchronized boolean isEmpty() {
      return last == NONE;
    }
  }
}
