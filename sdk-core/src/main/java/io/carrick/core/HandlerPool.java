package io.carrick.core;

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
 * The handler executor where there are no virtual threads: a task goes to an idle thread, else to a
 * new one, else into a queue that finishing threads drain. Threads end after 30 s idle.
 */
final class HandlerPool extends AbstractExecutorService {

  static final int MAX_THREADS = 512;
  static final int MAX_WAITING = 65_536;
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
      if (idle >= queue.size()) {
        work.signal();
      } else if (threads.size() < MAX_THREADS) {
        fresh = new Thread(this::run, name + "-" + started++);
        fresh.setDaemon(true);
        threads.add(fresh);
      }
    } finally {
      lock.unlock();
    }
    if (fresh != null) {
      fresh.start();
    }
  }

  private void run() {
    Runnable task;
    while ((task = next()) != null) {
      task.run();
      // What one task left behind must not hit the next.
      Thread.interrupted();
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      long left = IDLE_NANOS;
      while (true) {
        Runnable task = queue.poll();
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
        }
      }
    } finally {
      lock.unlock();
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
