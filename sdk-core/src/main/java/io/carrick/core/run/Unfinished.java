package io.carrick.core.run;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Work that must be done in the end, however little memory there is: to be kept takes none. The
 * timer has it done when there is some.
 */
public interface Unfinished extends Runnable {

  /** When the timer tries again. */
  long AGAIN_NANOS = 10_000_000L;

  /** Which one is kept before it; null where this one is not kept. For {@link Kept}. */
  @Nullable Unfinished keptBefore();

  /** Sets it. */
  void keptBefore(@Nullable Unfinished other);

  /** What waits for memory. Safe for use by any thread. */
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

    /** Keeps it, unless it is kept already. */
    public synchronized void add(Unfinished work) {
      if (work.keptBefore() == null) {
        work.keptBefore(last);
        last = work;
      }
    }

    /** Hands each one on, or keeps it where that says false; whether some are kept still. */
    public boolean retry(Predicate<? super Unfinished> handOn) {
      Unfinished work = takeAll();
      for (Unfinished before; (before = take(work)) != null; work = before) {
        if (!handOn.test(work)) {
          add(work);
        }
      }
      return !isEmpty();
    }

    private synchronized Unfinished takeAll() {
      Unfinished all = last;
      last = NONE;
      return all;
    }

    /** It may be kept again from now on; the one before it. */
    private synchronized @Nullable Unfinished take(Unfinished work) {
      Unfinished before = work.keptBefore();
      work.keptBefore(null);
      return before;
    }

    private synchronized boolean isEmpty() {
      return last == NONE;
    }
  }
}
