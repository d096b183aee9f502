package io.carrick.core.run;

import io.carrick.core.queue.Fifo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads for handlers, for callbacks, or for checks, where there are no virtual ones: a task goes
 * to a thread that has ended another, else to an idle one, else to a new one. Threads end after 30
 * s idle. What a task throws ends nothing but the task.
 */
final class HandlerPool extends AbstractExecutorService {

  /** The most threads that run handlers. */
  static final int MAX_HANDLERS = 512;

  /** The most threads that run callbacks. */
  static final int MAX_CALLBACKS = 1_024;

  /** The most of these that may wait for results; the others are left to complete those. */
  static final int MAX_CALLBACKS_IN_WAIT = 896;

  /** The most threads that decide about peers: they ask authorizers that may block. */
  static final int MAX_CHECKS = 512;

  /** The most tasks that wait for a thread. */
  static final int MAX_WAITING = 65_536;

  private static final int MAX_BATCH = 64;
  private static final long BRIEF_NANOS = 50_000;

  private static final long IDLE_MILLIS = 30_000;

  private final String name;
  private final int mostThreads;
  private final int mostInWait;
  private final AtomicInteger inWait = new AtomicInteger();

  /** Idle threads wait for it. A monitor needs no memory, neither to wait for it nor to notify. */
  private final Object lock = new Object();

  /** Who waits for the end waits for it. Taken before the lock, never while it is held. */
  private final Object ends = new Object();

  // Guarded by lock.
  private final Fifo<Runnable> queue = new Fifo<>();
  private final Set<Thread> threads = new HashSet<>();
  private int idle;
  private int started;
  private boolean coming;
  private volatile boolean anybody; // Whether there are threads.
  private volatile int queued; // The size of the queue, for a look without the lock.
  private boolean shutdown;

  private HandlerPool(String name, int mostThreads, int mostInWait) {
    this.name = name;
    this.mostThreads = mostThreads;
    this.mostInWait = mostInWait;
  }

  static HandlerPool ofHandlers(String service) {
    return new HandlerPool("carrick-handler-" + service, MAX_HANDLERS, MAX_HANDLERS);
  }

  static HandlerPool ofCallbacks(String service) {
    return new HandlerPool("carrick-callback-" + service, MAX_CALLBACKS, MAX_CALLBACKS_IN_WAIT);
  }

  static HandlerPool ofChecks(String service) {
    return new HandlerPool("carrick-check-" + service, MAX_CHECKS, MAX_CHECKS);
  }

  private static final class Worker extends Thread {

    private final HandlerPool pool;

    Worker(HandlerPool pool, String name) {
      super(work(pool), name);
      this.pool = pool;
      setDaemon(true);
    }

    /** Whatever is thrown in it, a thread of the pool goes on. */
    private static Runnable work(HandlerPool pool) {
      Runnable work = pool::run;
      return Contained.untilItReturns(Failing.POOL, () -> CarrickThreads.asHandler(work));
    }
  }

  /**
   * This thread is about to wait for a result that another thread of its pool may have to complete.
   *
   * @return whether {@link #endWait} must follow
   * @throws IllegalStateException if so many threads wait already that no others might be left
   */
  static boolean beginWait() {
    if (!(Thread.currentThread() instanceof Worker worker)) {
      return false;
    }
    HandlerPool pool = worker.pool;
    if (pool.inWait.incrementAndGet() > pool.mostInWait) {
      pool.inWait.decrementAndGet();
      throw new IllegalStateException(
          pool.mostInWait
              + " threads of "
              + pool.name
              + " wait for results, and what completes these needs the others: use thenCompose, or"
              + " wait on a thread of the application");
    }
    return true;
  }

  /** The wait is over. */
  static void endWait() {
    if (Thread.currentThread() instanceof Worker worker) {
      worker.pool.inWait.decrementAndGet();
    }
  }

  @Override
  public void execute(Runnable task) {
    Thread fresh;
    synchronized (lock) {
      if (shutdown || queue.size() >= MAX_WAITING) {
        throw new RejectedExecutionException(
            shutdown ? name + " is closed" : MAX_WAITING + " tasks wait for " + name);
      }
      queue.add(task);
      queued = queue.size();
      fresh = call();
    }
    if (!start(fresh) && !runLeft(task)) {
      throw new RejectedExecutionException("no thread could be made for " + name);
    }
  }

  /** Takes tasks together; how many of them found room, the first ones. */
  int executeAll(List<Runnable> tasks) {
    Thread fresh;
    int taken = 0;
    synchronized (lock) {
      int most = shutdown ? 0 : Math.min(tasks.size(), MAX_WAITING - queue.size());
      while (taken < most && offered(tasks.get(taken))) {
        taken++;
      }
      queued = queue.size();
      fresh = call();
    }
    if (!start(fresh)) {
      runLeft(null);
    }
    return taken;
  }

  /** The lock is held. */
  private boolean offered(Runnable task) {
    try {
      queue.add(task);
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** Runs here what nobody else would take, but for one task; whether that is not left. */
  private boolean runLeft(@Nullable Runnable task) {
    boolean gone = true;
    for (Runnable other; (other = left()) != null; ) {
      if (other == task) {
        gone = false;
      } else {
        runHere(other);
      }
    }
    return gone;
  }

  private @Nullable Runnable left() {
    synchronized (lock) {
      return anybody ? null : poll();
    }
  }

  private static void runHere(Runnable task) {
    CarrickThreads.asReader(() -> guarded(task, false));
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
      lock.notify();
      coming = true;
      return null;
    }
    if (threads.size() >= mostThreads) {
      return null;
    }
    coming = true;
    try {
      Thread fresh = new Worker(this, name + "-" + started++);
      CarrickThreads.own(fresh);
      threads.add(fresh);
      anybody = true;
      return fresh;
    } catch (Throwable e) {
      coming = false;
      Contained.log(Failing.NO_THREAD, e);
      return null;
    }
  }

  /**
   * Where no thread can be made, those that are there do the work.
   *
   * @return false if there are none, so that nobody takes what waits
   */
  private boolean start(@Nullable Thread fresh) {
    if (fresh == null) {
      return anybody;
    }
    try {
      fresh.start();
      return true;
    } catch (Throwable e) {
      boolean others = forget(fresh);
      tellEnd();
      Contained.log(Failing.NO_THREAD, e);
      return others;
    }
  }

  private boolean forget(Thread unable) {
    synchronized (lock) {
      coming = false;
      threads.remove(unable);
      anybody = !threads.isEmpty();
      return anybody;
    }
  }

  private void run() {
    synchronized (lock) {
      coming = false;
    }
    boolean brief = false;
    int batch = 0;
    Runnable task;
    while ((task = next()) != null) {
      // Short tasks one after the other send together; a long one would keep the others waiting.
      boolean batched = brief && queued > 0 && batch < MAX_BATCH;
      brief = guarded(task, batched);
      batch = batched ? batch + 1 : 0;
      if (!brief || !batched) {
        guarded(WriteBatch::flush, false);
      }
      // What one task left behind must not hit the next.
      Thread.interrupted();
    }
  }

  /** Runs a task, whatever it throws; whether it did not take long. */
  private static boolean guarded(Runnable task, boolean batched) {
    long start = System.nanoTime();
    try {
      if (batched) {
        WriteBatch.begin();
      }
      task.run();
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
    } finally {
      if (batched) {
        WriteBatch.pause();
      }
    }
    return System.nanoTime() - start < BRIEF_NANOS;
  }

  private @Nullable Runnable next() {
    Runnable task = next(false);
    if (task != null) {
      return task;
    }
    guarded(WriteBatch::flush, false);
    return next(true);
  }

  private @Nullable Runnable next(boolean patient) {
    Runnable task;
    Thread fresh;
    synchronized (lock) {
      task = patient ? await() : poll();
      fresh = call();
    }
    start(fresh); // This one is there, or was the last of all.
    if (task == null && patient) {
      tellEnd();
    }
    return task;
  }

  @SuppressWarnings("NakedNotify") // What has changed is guarded by the lock.
  private void tellEnd() {
    synchronized (ends) {
      ends.notifyAll();
    }
  }

  private @Nullable Runnable poll() {
    Runnable task = queue.poll();
    queued = queue.size();
    return task;
  }

  /** Waits for a task; null if the thread shall end. The lock is held. */
  private @Nullable Runnable await() {
    boolean called = true;
    while (true) {
      Runnable task = poll();
      if (task != null) {
        return task;
      }
      if (shutdown || !called) {
        threads.remove(Thread.currentThread());
        anybody = !threads.isEmpty();
        return null;
      }
      idle++;
      try {
        lock.wait(IDLE_MILLIS);
        called = coming;
      } catch (InterruptedException e) {
        // A task left its interrupt behind, or the pool closes: the loop looks.
      } finally {
        idle--;
        coming = false;
      }
    }
  }

  @Override
  public void shutdown() {
    synchronized (lock) {
      shutdown = true;
      lock.notifyAll();
    }
  }

  @Override
  public List<Runnable> shutdownNow() {
    synchronized (lock) {
      shutdown = true;
      List<Runnable> waiting = new ArrayList<>(queue.size());
      for (Runnable task; (task = poll()) != null; ) {
        waiting.add(task);
      }
      threads.forEach(Thread::interrupt);
      lock.notifyAll();
      return waiting;
    }
  }

  @Override
  public boolean isShutdown() {
    synchronized (lock) {
      return shutdown;
    }
  }

  @Override
  public boolean isTerminated() {
    synchronized (lock) {
      return shutdown && threads.isEmpty();
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long until = System.nanoTime() + unit.toNanos(timeout);
    synchronized (ends) {
      while (!isTerminated()) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(ends, left);
      }
      return true;
    }
  }
}
