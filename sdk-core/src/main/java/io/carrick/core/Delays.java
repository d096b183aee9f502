package io.carrick.core;

import io.carrick.core.session.CarrickThreads;
import io.carrick.core.session.Contained;
import io.carrick.core.session.Failing;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread for what happens later without a session: back-off, and deadlines of calls that wait
 * for one. Actions are short and never run user code: that goes to {@link Tasks}.
 */
final class Delays {

  private static final Duration LONGEST = Duration.ofHours(24);

  /** Of an action for which there is no memory, 10 ms after each other. */
  private static final int MOST_TRIES = 3_000;

  private final ScheduledThreadPoolExecutor timer;

  Delays(String service) {
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Runnable replace = Contained.untilItReturns(Failing.DELAYS, this::replace);
              Thread thread = new Thread(() -> run(task, replace), "carrick-delays-" + service);
              CarrickThreads.own(thread);
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // At once, since there may be no thread to be had later.
    timer.prestartCoreThread();
  }

  /** Where there is no memory the pool loses its thread, and may find none to replace it. */
  private static void run(Runnable task, Runnable replace) {
    try {
      task.run();
    } catch (Throwable t) {
      Contained.log(Failing.DELAYS, t);
    }
    replace.run();
  }

  private void replace() {
    while (!timer.isShutdown() && timer.getPoolSize() == 0) {
      timer.prestartCoreThread();
    }
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

  /**
   * Runs an action again and again, until it says false; after {@link #close} never. What needs no
   * memory for its next time does not end where there is none.
   */
  void every(long firstNanos, long nanos, BooleanSupplier goesOn) {
    AtomicReference<@Nullable Future<?>> self = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    try {
      self.set(
          timer.scheduleWithFixedDelay(
              () -> contained(() -> look(goesOn, over, self)),
              firstNanos,
              nanos,
              TimeUnit.NANOSECONDS));
    } catch (RejectedExecutionException e) {
      return; // Closed.
    }
    endIfOver(over, self);
  }

  private static void look(
      BooleanSupplier goesOn, AtomicBoolean over, AtomicReference<@Nullable Future<?>> self) {
    if (!over.get() && !goesOn.getAsBoolean()) {
      over.set(true);
      endIfOver(over, self);
    }
  }

  private static void endIfOver(AtomicBoolean over, AtomicReference<@Nullable Future<?>> self) {
    Future<?> present = self.get();
    if (over.get() && present != null) {
      present.cancel(false);
    }
  }

  /** Where there is no memory it is tried again: a deadline, for instance, has to pass. */
  private static void contained(Runnable action) {
    for (int i = 0; i < MOST_TRIES && !ran(action); i++) {
      Contained.awaitsMemory();
    }
  }

  private static boolean ran(Runnable action) {
    try {
      action.run();
    } catch (OutOfMemoryError e) {
      Contained.log(Failing.DELAYED, e);
      return false;
    } catch (Throwable t) {
      Contained.log(Failing.DELAYED, t);
    }
    return true;
  }

  /** A time as nanoseconds, at most 24 h. */
  static long nanos(Duration time) {
    return time.compareTo(LONGEST) < 0 ? time.toNanos() : LONGEST.toNanos();
  }

  void close() {
    timer.shutdownNow();
  }
}
