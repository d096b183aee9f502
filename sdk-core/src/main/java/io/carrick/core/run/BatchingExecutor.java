package io.carrick.core.run;

import java.util.concurrent.Executor;

/**
 * Runs tasks, and knows which of them a reader hands over together: what one read has brought costs
 * one change of thread, not one each.
 */
public interface BatchingExecutor extends Executor {

  /** What this thread hands over from now on may wait for {@link #end}. Not nested. */
  default void begin() {}

  /** Runs what was kept, in its order; the same thread called {@link #begin}. */
  default void end() {}

  /**
   * Runs what decides about a peer and may block, on a thread for that; the other one, which must
   * not block, where so many of these wait that this cannot.
   */
  default void check(Runnable check, Runnable refused) {
    execute(check);
  }

  /** Tries again what could not be done for want of memory; whether there is some of it left. */
  default boolean retry() {
    return false;
  }
}
