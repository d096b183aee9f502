package io.carrick.core.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A pool whose first idle thread is called where there is no memory. */
final class FullHeapPool {

  private static final long SECONDS = 20;

  private FullHeapPool() {}

  /** Exits with 0 if what comes later runs. */
  public static void main(String[] args) throws Exception {
    HandlerPool pool = HandlerPool.ofCallbacks("full");
    CountDownLatch idle = new CountDownLatch(1);
    pool.execute(idle::countDown);
    if (!idle.await(SECONDS, TimeUnit.SECONDS)) {
      System.exit(2);
    }
    // It waits for a task now, or soon.
    Thread.State state = null;
    while (state != Thread.State.TIMED_WAITING) {
      state =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("carrick-callback-full-"))
              .map(Thread::getState)
              .findFirst()
              .orElseThrow();
    }
    executeWithoutMemory(pool, () -> {});
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(ran::countDown);
    System.exit(ran.await(SECONDS, TimeUnit.SECONDS) ? 0 : 1);
  }

  private static void executeWithoutMemory(HandlerPool pool, Runnable task) {
    Object[] last = null;
    for (int length = 1 << 16; length > 0; length /= 4) {
      try {
        while (true) {
          Object[] next = new Object[length];
          next[0] = last;
          last = next;
        }
      } catch (OutOfMemoryError e) {
        // Smaller ones may fit.
      }
    }
    try {
      pool.execute(task);
    } catch (OutOfMemoryError e) {
      last = null; // It was not taken.
    }
  }
}
