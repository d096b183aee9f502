package io.carrick.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The threads of one proxy. */
final class FaultThreads {

  private static final long JOIN_MILLIS = 5_000;

  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  void start(String name, Runnable task) {
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    Thread thread = new Thread(task, "fault-proxy-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Returns when all have ended, after 5 s at the latest. */
  void join() {
    long end = System.nanoTime() + JOIN_MILLIS * 1_000_000;
    try {
      for (Thread thread : threads) {
        thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
