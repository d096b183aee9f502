package io.carrick.core.session;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells the owners of exchanges, and the messenger, what the timer found. The timer does not do it
 * itself, since it would wait with them: an executor of the application may take its time, or run
 * what it is given in place.
 */
final class Tellers {

  /** So many executors may take their time at once, until others wait for them. */
  static final int THREADS = 4;

  /** Sessions that wait for one of them; those beyond ask again after 10 ms. */
  static final int MOST_WAITING = 1_024;

  private final ThreadPoolExecutor threads;

  Tellers(String name) {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Runnable ready =
                  Contained.untilItReturns(Failing.TELLER, CarrickThreads::becomeReader);
              Runnable work = () -> run(ready, task);
              Thread thread = CarrickThreads.own(new Thread(work, "carrick-tell-" + name));
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * A thread that fails is replaced, by {@link #attend} at the latest. One that did not even come
   * to its task would keep its place in the pool for ever.
   */
  private static void run(Runnable ready, Runnable task) {
    ready.run();
    try {
      task.run();
    } catch (Throwable t) {
      Contained.log(Failing.TELLER, t);
    }
  }

  /** For the timer, now and then: nobody waits where there is no thread. */
  void attend() {
    if (!threads.getQueue().isEmpty() && threads.getPoolSize() == 0) {
      threads.prestartCoreThread();
    }
  }

  /** False if none can do it now: no memory, no thread, or too many wait. */
  boolean tell(Runnable section) {
    try {
      threads.execute(section);
      return true;
    } catch (Throwable t) {
      return false;
    }
  }

  /** What waits is told still. */
  void close() {
    threads.shutdown();
  }
}
