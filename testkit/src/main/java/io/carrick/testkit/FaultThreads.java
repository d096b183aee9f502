package io.carrick.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The threads of one proxy. */
final class FaultThreads {

  private static final long JOIN_MILLIS = 5_000;

  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  Thread start(String name, Runnable task) {
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    Thread thread = new Thread(task, "fault-proxy-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
    return thread;
  }

  /** Returns when all have ended, after 5 s each at the latest. */
  void join() {
    threads.forEach(FaultThreads::join);
  }

  /** Returns when a thread has ended, after 5 s at the latest. */
  static void join(@Nullable Thread thread) {
    try {
      if (thread != null) {
        thread.join(JOIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
