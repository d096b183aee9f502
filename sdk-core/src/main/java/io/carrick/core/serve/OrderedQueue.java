package io.carrick.core.serve;

import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Bulkhead;
import java.util.ArrayDeque;
import java.util.Map;

/**
 * The messages of one origin for one handler: run one at a time and in order, each when it is
 * ready. A lane dies when it is empty; the next message makes another.
 */
final class OrderedQueue implements Bulkhead.Task {

  private static final int MOST_AT_ONCE = 64;

  /** One message on its way to the handler. */
  interface Entry {

    /**
     * Decodes it, if nobody has begun to; calls {@code whenReady} if that was done later. Must not
     * throw.
     */
    void prepare(Runnable whenReady);

    /** Whether it may be handled. */
    boolean isReady();

    /** Runs the handler; must not throw. */
    void handle();

    /** There is no thread for it; must not throw. */
    void reject();
  }

  private final Bulkhead bulkhead;
  private final ApplicationExecutor tasks;
  private final Object origin;
  private final Map<Object, OrderedQueue> home;
  private final Object lock = new Object();

  // Guarded by lock.
  private final ArrayDeque<Entry> queue = new ArrayDeque<>(4);
  private boolean scheduled;
  private boolean dead;

  private OrderedQueue(
      Bulkhead bulkhead, ApplicationExecutor tasks, Object origin, Map<Object, OrderedQueue> home) {
    this.bulkhead = bulkhead;
    this.tasks = tasks;
    this.origin = origin;
    this.home = home;
  }

  /** Adds a message whose place in the gate is taken. */
  static void add(
      Map<Object, OrderedQueue> home,
      Object origin,
      Bulkhead bulkhead,
      ApplicationExecutor tasks,
      Entry entry) {
    while (true) {
      OrderedQueue lane =
          home.computeIfAbsent(origin, key -> new OrderedQueue(bulkhead, tasks, key, home));
      if (lane.offer(entry)) {
        return;
      }
    }
  }

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
      tasks.execute(() -> entry.prepare(this::kick));
    }
    return true;
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
      entry.prepare(this::kick);
      if (!takeIfReady(entry)) {
        return true;
      }
      try {
        entry.handle();
      } finally {
        bulkhead.release();
      }
    }
    bulkhead.schedule(this);
    return true;
  }

  private @org.jspecify.annotations.Nullable Entry first() {
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
        queue.remove();
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
      try {
        entry.reject();
      } finally {
        bulkhead.release();
      }
    }
  }
}
