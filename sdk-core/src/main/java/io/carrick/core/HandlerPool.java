package io.carrick.core;

import io.carrick.core.session.WriteBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The handler executor where there are no virtual threads: a task goes to a thread that has ended
 * another, else to an idle one, else to a new one. Threads end after 30 s idle.
 */
final class HandlerPool extends AbstractExecutorService {

  static final int MAX_THREADS = 512;
  static final int MAX_WAITING = 65_536;
  private static final int MAX_BATCH = 64;
  private static final long BRIEF_NANOS = 50_000;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition empty = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private final Set<Thread> threads = new HashSet<>();
  private int idle;
  private int started;
  private boolean coming;
  private volatile int queued; // The size of the queue, for a look without the lock.
  private boolean shutdown;

  HandlerPool(String name) {
    this.name = name;
  }

  @Override
  public void execute(Runnable task) {
    Thread fresh = null;
    lock.lock();
    try {
      if (shutdown || queue.size() >= MAX_WAITING) {
        throw new RejectedExecutionException(
            shutdown ? name + " is closed" : MAX_WAITING + " tasks wait for " + name);
      }
      queue.add(task);
      queued = queue.size();
      fresh = call();
    } finally {
      lock.unlock();
    }
    start(fresh);
  }

  /** Takes tasks together; how many of them found room, the first ones. */
  int executeAll(List<Runnable> tasks) {
    Thread fresh;
    int taken;
    lock.lock();
    try {
      taken = shutdown ? 0 : Math.min(tasks.size(), MAX_WAITING - queue.size());
      queue.addAll(tasks.subList(0, taken));
      queued = queue.size();
      fresh = call();
    } finally {
      lock.unlock();
    }
    start(fresh);
    return taken;
  }

  /**
   * One thread at a time is on its way to the queue, and calls the next one if more waits: a batch
   * of short tasks costs few wake-ups, and a long one holds up no other. The lock is held.
   */
  private @Nullable Thread call() {
    if (coming || queue.isEmpty()) {
      return null;
    }
    if (idle > 0) {
      coming = true;
      work.signal();
      return null;
    }
    if (threads.size() >= MAX_THREADS) {
      return null;
    }
    coming = true;
    Thread fresh = new Thread(this::run, name + "-" + started++);
    fresh.setDaemon(true);
    threads.add(fresh);
    return fresh;
  }

  private void start(@Nullable Thread fresh) {
    if (fresh == null) {
      return;
    }
    try {
      fresh.start();
    } catch (OutOfMemoryError e) {
      lock.lock();
      coming = false;
      threads.remove(fresh);
      lock.unlock();
      throw e;
    }
  }

  private void run() {
    lock.lock();
    coming = false;
    lock.unlock();
    Runnable task;
    boolean brief = false;
    int batch = 0;
    while ((task = next()) != null) {
      // Short tasks one after the other send together; a long one would keep the others waiting.
      boolean batched = brief && queued > 0 && batch < MAX_BATCH;
      long start = System.nanoTime();
      if (batched) {
        WriteBatch.begin();
      }
      try {
        task.run();
      } finally {
        if (batched) {
          WriteBatch.pause();
        }
      }
      brief = System.nanoTime() - start < BRIEF_NANOS;
      batch = batched ? batch + 1 : 0;
      if (!brief || !batched) {
        WriteBatch.flush();
      }
      // What one task left behind must not hit the next.
      Thread.interrupted();
    }
  }

  private @Nullable Runnable next() {
    Runnable task = next(false);
    if (task != null) {
      return task;
    }
    WriteBatch.flush();
    return next(true);
  }

  private @Nullable Runnable next(boolean patient) {
    Runnable task;
    Thread fresh;
    lock.lock();
    try {
      task = patient ? await() : poll();
      fresh = call();
    } finally {
      lock.unlock();
    }
    start(fresh);
    return task;
  }

  private @Nullable Runnable poll() {
    Runnable task = queue.poll();
    queued = queue.size();
    return task;
  }

  /** Waits for a task; null if the thread shall end. The lock is held. */
  private @Nullable Runnable await() {
    long left = IDLE_NANOS;
    while (true) {
      Runnable task = poll();
      if (task != null) {
        return task;
      }
      if (shutdown || left <= 0) {
        threads.remove(Thread.currentThread());
        empty.signalAll();
        return null;
      }
      idle++;
      try {
        left = work.awaitNanos(left);
      } catch (InterruptedException e) {
        // A task left its interrupt behind, or the pool closes: the loop looks.
        left = Math.max(1, left);
      } finally {
        idle--;
        coming = false;
      }
    }
  }

  @Override
  public void shutdown() {
    lock.lock();
    try {
      shutdown = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Runnable> shutdownNow() {
    lock.lock();
    try {
      shutdown = true;
      List<Runnable> waiting = new ArrayList<>(queue);
      queue.clear();
      queued = 0;
      threads.forEach(Thread::interrupt);
      work.signalAll();
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isShutdown() {
    lock.lock();
    try {
      return shutdown;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isTerminated() {
    lock.lock();
    try {
      return shutdown && threads.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long left = unit.toNanos(timeout);
    lock.lock();
    try {
      while (!shutdown || !threads.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = empty.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
