package io.carrick.core;

import io.carrick.core.session.CarrickThreads;
import io.carrick.core.session.Contained;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One thread for what happens later without a session: back-off, and deadlines of calls that wait
 * for one. Actions are short and never run user code: that goes to {@link Tasks}.
 */
final class Delays {

  private static final Duration LONGEST = Duration.ofHours(24);

  private final ScheduledThreadPoolExecutor timer;

  Delays(String service) {
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "carrick-delays-" + service);
              CarrickThreads.own(thread);
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // At once, since there may be no thread to be had later.
    timer.prestartCoreThread();
  }

  /** Runs an action later; after {@link #close} never. The result may be cancelled. */
  Future<?> after(long nanos, Runnable action) {
    try {
      return timer.schedule(() -> contained(action), Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      FutureTask<Void> never = new FutureTask<>(action, null);
      never.cancel(false);
      return never;
    }
  }

  private static void contained(Runnable action) {
    try {
      action.run();
    } catch (Throwable t) {
      Contained.log("what was due later failed", t);
    }
  }

  /** A time as nanoseconds, at most 24 h. */
  static long nanos(Duration time) {
    return time.compareTo(LONGEST) < 0 ? time.toNanos() : LONGEST.toNanos();
  }

  void close() {
    timer.shutdownNow();
  }
}
