package io.carrick.cli;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes what an iterator gives, as fast as it is asked for. Each subscriber has an iterator of
 * its own, which is used by one thread at a time, on the executor.
 *
 * @param <T> the items
 */
final class IteratorPublisher<T> implements Flow.Publisher<T> {

  private final Iterable<T> items;
  private final Executor executor;

  IteratorPublisher(Iterable<T> items, Executor executor) {
    this.items = items;
    this.executor = executor;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    Emission<T> emission = new Emission<>(items.iterator(), executor, subscriber);
    subscriber.onSubscribe(emission);
    emission.schedule();
  }

  private static final class Emission<T> implements Flow.Subscription {

    private final Iterator<T> iterator;
    private final Executor executor;
    private final Flow.Subscriber<? super T> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean ended;
    private volatile boolean badDemand;

    Emission(Iterator<T> iterator, Executor executor, Flow.Subscriber<? super T> subscriber) {
      this.iterator = iterator;
      this.executor = executor;
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        badDemand = true;
      } else {
        demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
      }
      schedule();
    }

    @Override
    public void cancel() {
      ended = true;
    }

    void schedule() {
      if (!ended && work.getAndIncrement() == 0) {
        executor.execute(this::drain);
      }
    }

    private void drain() {
      int seen = 1;
      do {
        emit();
        seen = work.addAndGet(-seen);
      } while (seen != 0);
    }

    private void emit() {
      while (!ended) {
        if (badDemand) {
          fail(new IllegalArgumentException("demand must be positive (Reactive Streams §3.9)"));
        } else if (!advance()) {
          return;
        }
      }
    }

    /** Makes one step; false where there is none to make now. */
    private boolean advance() {
      T next;
      try {
        if (!iterator.hasNext()) {
          ended = true;
          subscriber.onComplete();
          return false;
        }
        if (demand.get() == 0) {
          return false;
        }
        next = iterator.next();
      } catch (RuntimeException e) {
        fail(e);
        return false;
      }
      demand.getAndUpdate(d -> d == Long.MAX_VALUE ? d : d - 1);
      subscriber.onNext(next);
      return true;
    }

    private void fail(RuntimeException e) {
      ended = true;
      subscriber.onError(e);
    }
  }
}
