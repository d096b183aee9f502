package io.carrick.transport.http2;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of the sessions that this side has dialled: OkHttp blocks who reads and who writes.
 * One reads for each session; another writes while there is something, and runs callbacks that do
 * not follow from what was read. Safe for use by any thread.
 */
final class SessionThreads implements Executor {

  /** Sessions at once. */
  static final int MOST_SESSIONS = 1024;

  /** Reads, writes, runs callbacks, and ends. */
  private static final int THREADS_OF_A_SESSION = 4;

  private static final int IDLE_SECONDS = 1; // And the wait for their end.

  private final Semaphore sessions = new Semaphore(MOST_SESSIONS);
  private final Set<Thread> own = ConcurrentHashMap.newKeySet();
  private final AtomicLong count = new AtomicLong();
  private final ThreadPoolExecutor pool;

  SessionThreads(String name) {
    pool =
        new ThreadPoolExecutor(
            0,
            MOST_SESSIONS * THREADS_OF_A_SESSION,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> thread(task, name),
            // What comes when the transport is closed is short.
            (task, ended) -> ForkJoinPool.commonPool().execute(task));
  }

  private Thread thread(Runnable task, String name) {
    Thread thread =
        new Thread(
            () -> {
              own.add(Thread.currentThread());
              try {
                task.run();
              } finally {
                own.remove(Thread.currentThread());
              }
            },
            name + "-" + count.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /** Whether there is room for one more session, which is taken then. */
  boolean take() {
    return sessions.tryAcquire();
  }

  /** A session is over. */
  void giveBack() {
    sessions.release();
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Whether the caller is on one of them. */
  boolean isOwn() {
    return own.contains(Thread.currentThread());
  }

  /** Ends those that have nothing to do, and waits for that, 1 s at most. */
  void close() {
    pool.shutdown();
    try {
      pool.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
