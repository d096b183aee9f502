package io.carrick.core.serve;

import io.carrick.core.queue.Fifo;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Bulkhead;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one origin for one handler: run one at a time and in order, each when it is
 * ready. A lane dies when it is empty; the next message makes another.
 */
final class OrderedQueue implements Bulkhead.Task {

  private static final int MOST_AT_ONCE = 64;
  private static final int FEW = 4;

  /** One message on its way to the handler. */
  interface Entry {

    /**
     * Decodes it, if nobody has begun to; calls {@code whenReady} if that was done later. What it
     * throws is logged, and it is ready all the same.
     */
    void prepare(Runnable whenReady);

    /** Whether it may be handled. */
    boolean isReady();

    /** Runs the handler; what it throws is logged. */
    void handle();

    /** There is no thread for it, or no memory; what it throws is logged. */
    void reject();
  }

  private final Bulkhead bulkhead;
  private final ApplicationExecutor tasks;
  private final Object origin;
  private final Map<Object, OrderedQueue> home;
  private final Object lock = new Object();
  private final Runnable kick = this::kick;

  // Guarded by lock.
  private final Fifo<Entry> queue = new Fifo<>(FEW);
  private boolean scheduled;
  private boolean dead;

  private OrderedQueue(
      Bulkhead bulkhead, ApplicationExecutor tasks, Object origin, Map<Object, OrderedQueue> home) {
    this.bulkhead = bulkhead;
    this.tasks = tasks;
    this.origin = origin;
    this.home = home;
  }

  /** Adds a message whose place in the gate is taken, or rejects it. Throws nothing. */
  static void add(
      Map<Object, OrderedQueue> home,
      Object origin,
      Bulkhead bulkhead,
      ApplicationExecutor tasks,
      Entry entry) {
    try {
      OrderedQueue lane;
      do {
        lane = home.computeIfAbsent(origin, key -> new OrderedQueue(bulkhead, tasks, key, home));
      } while (!lane.offer(entry));
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
      reject(entry, bulkhead);
    }
  }

  /** Whether it was taken; what this throws was not. */
  private boolean offer(Entry entry) {
    boolean schedule;
    synchronized (lock) {
      if (dead) {
        return false;
      }
      queue.add(entry);
      schedule = !scheduled;
      scheduled = true;
    }
    if (schedule) {
      bulkhead.schedule(this);
    } else if (!entry.isReady()) {
      // The handler is busy with others: whoever sent this should not wait for it.
      prepareElsewhere(entry);
    }
    return true;
  }

  private void prepareElsewhere(Entry entry) {
    try {
      tasks.execute(() -> prepare(entry));
    } catch (Throwable e) {
      ApplicationExecutor.failed(e); // It is prepared when it is its turn.
    }
  }

  private void prepare(Entry entry) {
    try {
      entry.prepare(kick);
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
    }
  }

  private void kick() {
    synchronized (lock) {
      Entry first = queue.peek();
      if (scheduled || first == null || !first.isReady()) {
        return;
      }
      scheduled = true;
    }
    bulkhead.schedule(this);
  }

  @Override
  public boolean run() {
    for (int i = 0; i < MOST_AT_ONCE; i++) {
      Entry entry = first();
      if (entry == null) {
        return true;
      }
      prepare(entry);
      if (!takeIfReady(entry)) {
        return true;
      }
      try {
        entry.handle();
      } catch (Throwable e) {
        ApplicationExecutor.failed(e);
      } finally {
        bulkhead.release();
      }
    }
    bulkhead.schedule(this);
    return true;
  }

  private @Nullable Entry first() {
    synchronized (lock) {
      Entry entry = queue.peek();
      if (entry == null) {
        dead = true;
        home.remove(origin, this);
      }
      return entry;
    }
  }

  private boolean takeIfReady(Entry entry) {
    synchronized (lock) {
      if (entry.isReady()) {
        queue.poll();
        return true;
      }
      scheduled = false;
      return false;
    }
  }

  @Override
  public void reject() {
    while (true) {
      Entry entry;
      synchronized (lock) {
        entry = queue.poll();
        if (entry == null) {
          dead = true;
          home.remove(origin, this);
          return;
        }
      }
      reject(entry, bulkhead);
    }
  }

  private static void reject(Entry entry, Bulkhead bulkhead) {
    try {
      entry.reject();
    } catch (Throwable e) {
      ApplicationExecutor.failed(e);
    } finally {
      bulkhead.release();
    }
  }
}
