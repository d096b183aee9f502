package io.carrick;

import java.time.Duration;
import java.util.LinkedList;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A publisher for code that has items and no demand: what it is offered waits here until its one
 * subscriber asks for it, so nothing is lost before there is one. The bound holds code back that is
 * faster than its reader. Safe for use by any thread; items go out in the order in which they were
 * taken.
 *
 * <pre>{@code
 * station.handleStream("readings", String.class, sensor -> {
 *   Emitter<Reading> readings = Emitter.create();
 *   sensors.start(sensor, readings::offer, readings::complete);
 *   return readings;
 * });
 * }</pre>
 *
 * <p>Signals of the subscriber run on the thread that offers, ends or asks.
 *
 * @param <T> the items
 */
public final class Emitter<T> implements Flow.Publisher<T> {

  /** How many items wait at most, where nothing else was said: 256. */
  public static final int DEFAULT_CAPACITY = 256;

  /** The largest capacity: 1,000,000 items. */
  public static final int MAX_CAPACITY = 1_000_000;

  private final int capacity;
  private final AtomicInteger work = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();

  // Guarded by lock.
  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<T> waiting = new LinkedList<>();

  private Flow.@Nullable Subscriber<? super T> subscriber;
  private boolean subscribed;
  private long demand;

  /** Nothing more is taken; what waits still goes out. */
  private boolean closed;

  /** Nothing more goes out. */
  private boolean over;

  private @Nullable Throwable failure;

  private Emitter(int capacity) {
    this.capacity = capacity;
  }

  /** An emitter in which {@value #DEFAULT_CAPACITY} items may wait. */
  public static <T> Emitter<T> create() {
    return create(DEFAULT_CAPACITY);
  }

  /**
   * An emitter in which this many items may wait.
   *
   * @param capacity 1 to {@value #MAX_CAPACITY}
   */
  public static <T> Emitter<T> create(int capacity) {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "capacity " + capacity + " must be 1 to " + MAX_CAPACITY + " items");
    }
    return new Emitter<>(capacity);
  }

  /**
   * Takes an item if there is room; never waits for some. The items that may go out are given out
   * here, those of other threads, too, and as fast as the subscriber takes them.
   *
   * @return whether it was taken; false where as many items wait as may, or {@link #isEnded()}
   */
  public boolean offer(T item) {
    Objects.requireNonNull(item, "item");
    lock.lock();
    try {
      if (closed || waiting.size() >= capacity) {
        return false;
      }
      waiting.add(item);
    } finally {
      lock.unlock();
    }
    drain();
    return true;
  }

  /**
   * Takes an item, and waits for room if there is none: as long as a slow reader needs. A handler
   * must not wait for the reader of what it has not returned yet, nor one that is {@link
   * HandlerOptions#nonBlocking()} at all.
   *
   * @param atMost how long it waits; 0 or less: not at all
   * @return whether it was taken; false where there was no room in this time, or {@link #isEnded()}
   * @throws InterruptedException if the thread is interrupted while it waits; nothing was taken
   */
  public boolean offer(T item, Duration atMost) throws InterruptedException {
    Objects.requireNonNull(item, "item");
    long left = nanos(atMost);
    lock.lock();
    try {
      while (!closed && waiting.size() >= capacity) {
        if (left <= 0) {
          return false;
        }
        left = room.awaitNanos(left);
      }
      if (closed) {
        return false;
      }
      waiting.add(item);
    } finally {
      lock.unlock();
    }
    drain();
    return true;
  }

  private static long nanos(Duration time) {
    try {
      return time.toNanos();
    } catch (ArithmeticException e) {
      return time.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  /** Takes nothing more: the stream ends after what waits. The first end counts. */
  public void complete() {
    end(null);
  }

  /** Takes nothing more: the stream fails after what waits. The first end counts. */
  public void fail(Throwable reason) {
    end(Objects.requireNonNull(reason, "reason"));
  }

  private void end(@Nullable Throwable reason) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      failure = reason;
      room.signalAll();
    } finally {
      lock.unlock();
    }
    drain();
  }

  /** Whether nothing more is taken: it was completed or failed, or its subscriber has gone. */
  public boolean isEnded() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the one subscriber; each further one fails with {@link IllegalStateException}. */
  @Override
  public void subscribe(Flow.Subscriber<? super T> reader) {
    Objects.requireNonNull(reader, "subscriber");
    boolean first;
    lock.lock();
    try {
      first = !subscribed;
      subscribed = true;
    } finally {
      lock.unlock();
    }
    if (!first) {
      reader.onSubscribe(new Reading(false));
      reader.onError(
          new IllegalStateException("an emitter has one subscriber: create one for each stream"));
      return;
    }
    try {
      reader.onSubscribe(new Reading(true));
    } catch (Throwable e) {
      finish();
      throw e;
    }
    lock.lock();
    try {
      // Not before, so that onSubscribe is its first signal.
      subscriber = over ? null : reader;
    } finally {
      lock.unlock();
    }
    drain();
  }

  /** What the subscriber says; one that was refused says it to nobody. */
  private final class Reading implements Flow.Subscription {

    private final boolean taken;

    Reading(boolean taken) {
      this.taken = taken;
    }

    @Override
    public void request(long n) {
      if (!taken) {
        return;
      }
      lock.lock();
      try {
        if (n > 0) {
          demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        } else if (!over) {
          closed = true;
          waiting.clear();
          failure =
              new IllegalArgumentException(
                  "demand " + n + " must be positive (Reactive Streams rule 3.9)");
          room.signalAll();
        }
      } finally {
        lock.unlock();
      }
      drain();
    }

    @Override
    public void cancel() {
      if (taken) {
        finish();
      }
    }
  }

  /** Nothing more goes in or out. */
  private void finish() {
    lock.lock();
    try {
      closed = true;
      over = true;
      subscriber = null;
      waiting.clear();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives what may go; signals of many threads become those of one. */
  private void drain() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      boolean more = true;
      while (more) {
        more = give();
      }
      seen = work.addAndGet(-seen);
    } while (seen != 0);
  }

  /** Gives one signal; false where there is none to give now. */
  private boolean give() {
    Flow.Subscriber<? super T> to;
    T item;
    Throwable reason;
    lock.lock();
    try {
      to = subscriber;
      item = to == null || demand == 0 ? null : waiting.poll();
      if (to == null || (item == null && !(closed && waiting.isEmpty()))) {
        return false;
      }
      if (item != null && demand != Long.MAX_VALUE) {
        demand--;
      }
      reason = failure;
      room.signal();
    } finally {
      lock.unlock();
    }
    if (item == null) {
      finish();
      end(to, reason);
      return false;
    }
    try {
      to.onNext(item);
    } catch (Throwable e) {
      // A subscriber that throws has gone (Reactive Streams rule 2.13).
      finish();
      throw e;
    }
    return true;
  }

  private static void end(Flow.Subscriber<?> to, @Nullable Throwable reason) {
    if (reason == null) {
      to.onComplete();
    } else {
      to.onError(reason);
    }
  }
}
