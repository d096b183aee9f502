package io.carrick;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The demand of one subscriber, answered from a source that is asked for one item after the other.
 * Calls of many threads become those of the one that came first.
 */
final class Pulled<T> implements Flow.Subscription {

  /** Where the items come from; used by one thread at a time. */
  interface Source<T> {

    /** Whether it is known that nothing more comes; asked as soon as an item has gone. */
    boolean isOver();

    /** The next item; null where there is none. */
    @Nullable T next();

    /** Nothing more is asked for. */
    void close();
  }

  private final Flow.Subscriber<? super T> subscriber;
  private final AtomicLong demand = new AtomicLong();

  /** Above 0 while a thread is at work, from the beginning until onSubscribe has returned. */
  private final AtomicInteger work = new AtomicInteger(1);

  private volatile boolean cancelled;
  private volatile long badDemand = 1;

  // Used by the thread that is at work.
  private @Nullable Source<T> source;
  private boolean over;

  private Pulled(Flow.Subscriber<? super T> subscriber) {
    this.subscriber = subscriber;
  }

  /** Begins; a source that cannot be had fails the subscriber. */
  static <T> void subscribe(Flow.Subscriber<? super T> subscriber, Supplier<Source<T>> from) {
    Objects.requireNonNull(subscriber, "subscriber");
    Pulled<T> pulled = new Pulled<>(subscriber);
    subscriber.onSubscribe(pulled);
    try {
      pulled.source = from.get();
    } catch (Throwable e) {
      pulled.end(e);
      return;
    }
    pulled.work();
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      badDemand = n;
    } else {
      demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
    }
    wake();
  }

  @Override
  public void cancel() {
    cancelled = true;
    wake();
  }

  private void wake() {
    if (work.getAndIncrement() == 0) {
      work();
    }
  }

  private void work() {
    int seen = work.get();
    do {
      boolean more = true;
      while (more) {
        more = step();
      }
      seen = work.addAndGet(-seen);
    } while (seen != 0);
  }

  /** One step; false where there is none to do now. */
  private boolean step() {
    if (over) {
      return false;
    }
    if (cancelled) {
      over = true;
      close();
      return false;
    }
    if (badDemand <= 0) {
      end(
          new IllegalArgumentException(
              "demand " + badDemand + " must be positive (Reactive Streams rule 3.9)"));
      return false;
    }
    Source<T> from = source;
    T item;
    try {
      if (from == null || from.isOver()) {
        end(null);
        return false;
      }
      if (demand.get() == 0) {
        return false;
      }
      item = from.next();
    } catch (Throwable e) {
      end(e);
      return false;
    }
    if (item == null) {
      end(null);
      return false;
    }
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    try {
      subscriber.onNext(item);
    } catch (Throwable e) {
      over = true;
      close();
      throw e;
    }
    return true;
  }

  private void end(@Nullable Throwable failure) {
    over = true;
    Throwable reason = failure;
    try {
      close();
    } catch (Throwable e) {
      reason = reason == null ? e : reason;
    }
    if (cancelled) {
      return;
    }
    if (reason == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(reason);
    }
  }

  private void close() {
    Source<T> from = source;
    source = null;
    if (from != null) {
      from.close();
    }
  }

  /** What an iterator has. */
  static final class Elements<T> implements Source<T> {

    private final Iterator<? extends T> items;
    private final Runnable onClose;

    Elements(Iterator<? extends T> items, Runnable onClose) {
      this.items = items;
      this.onClose = onClose;
    }

    @Override
    public boolean isOver() {
      return !items.hasNext();
    }

    @Override
    public T next() {
      return Objects.requireNonNull(items.next(), "an item of a publisher must not be null");
    }

    @Override
    public void close() {
      onClose.run();
    }
  }

  /** What a function makes until it returns null. */
  record Generated<T>(Supplier<? extends @Nullable T> function) implements Source<T> {

    @Override
    public boolean isOver() {
      return false;
    }

    @Override
    public @Nullable T next() {
      return function.get();
    }

    @Override
    public void close() {}
  }
}
