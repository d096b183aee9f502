package io.carrick.core.run;

import io.carrick.HandlerOptions;
import io.carrick.core.queue.Fifo;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one handler (F8), or of what else may block: so many calls run, so many more wait,
 * others are refused. Workers start in a chain: each that takes a task starts the next one while
 * more wait, so that a reader pays for one start, however much it read.
 */
public final class Bulkhead {

  /** Something that a handler runs. */
  public interface Task {

    /** Runs it; false if it goes on until {@link Bulkhead#finished}. What it throws ends it. */
    boolean run();

    /** There is no thread for it, or no memory. */
    void reject();
  }

  private final Predicate<Runnable> threads;
  private final int concurrency;
  private final int capacity;
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicInteger forsaken = new AtomicInteger();
  private final Object lock = new Object();
  private final Runnable work = this::work;

  // Guarded by lock.
  private final Fifo<Task> queue = new Fifo<>();
  private int running;
  private boolean starting;

  public Bulkhead(ApplicationExecutor tasks, HandlerOptions options) {
    // On a reader nothing waits for its turn: nobody would come back for it.
    this(tasks::tryHandle, options.concurrency(), options.isNonBlocking() ? 0 : options.waiting());
  }

  /**
   * Limits of what is no handler.
   *
   * @param threads runs a worker; false if there is no thread for it
   */
  public Bulkhead(Predicate<Runnable> threads, int concurrency, int waiting) {
    this.threads = threads;
    this.concurrency = concurrency;
    this.capacity = concurrency + waiting;
  }

  /** Takes a place for one call, if there is one; {@link #release} gives it back. */
  public boolean tryAdmit() {
    if (held.incrementAndGet() > capacity) {
      held.decrementAndGet();
      return false;
    }
    return true;
  }

  public void release() {
    held.decrementAndGet();
  }

  /** Whether nothing runs or waits but what nobody waits for any more. */
  public boolean isIdle() {
    return held.get() == forsaken.get();
  }

  /** A call that holds a place is over, and nobody waits for what is still done for it. */
  public void forsake() {
    forsaken.incrementAndGet();
  }

  /** One that was forsaken gives its place back next. */
  public void regain() {
    forsaken.decrementAndGet();
  }

  /**
   * Runs a task as soon as the limits allow, or rejects it; its place was taken before. Throws
   * nothing.
   */
  public void schedule(Task task) {
    boolean start;
    try {
      synchronized (lock) {
        queue.add(task);
        start = claimStart();
      }
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
      reject(task);
      return;
    }
    if (start) {
      start();
    }
  }

  /** Takes a task back that has not begun; its place is given back. */
  public void withdraw(Task task) {
    boolean removed;
    synchronized (lock) {
      removed = queue.remove(task);
    }
    if (removed) {
      release();
    }
  }

  /** A task that said false is over. */
  public void finished() {
    boolean start;
    synchronized (lock) {
      running--;
      start = claimStart();
    }
    if (start) {
      start();
    }
  }

  private boolean claimStart() {
    if (starting || queue.isEmpty() || running >= concurrency) {
      return false;
    }
    starting = true;
    return true;
  }

  private void start() {
    if (startsWorker()) {
      return;
    }
    int waiting;
    synchronized (lock) {
      starting = false;
      waiting = queue.size();
    }
    for (Task task; waiting > 0 && (task = next()) != null; waiting--) {
      reject(task);
    }
  }

  private boolean startsWorker() {
    try {
      return threads.test(work);
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
      return false;
    }
  }

  private static void reject(Task task) {
    try {
      task.reject();
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
    }
  }

  private @Nullable Task next() {
    synchronized (lock) {
      return queue.poll();
    }
  }

  private void work() {
    boolean first = true;
    while (true) {
      Task task;
      boolean more;
      synchronized (lock) {
        if (first) {
          starting = false;
          first = false;
        }
        task = running < concurrency ? queue.poll() : null;
        if (task == null) {
          return;
        }
        running++;
        more = claimStart();
      }
      if (more) {
        start();
      }
      if (isOver(task)) {
        synchronized (lock) {
          running--;
        }
      }
    }
  }

  private static boolean isOver(Task task) {
    try {
      return task.run();
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
      return true;
    }
  }
}
