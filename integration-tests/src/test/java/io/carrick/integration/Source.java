package io.carrick.integration;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Publishes numbered items exactly as they are asked for, and remembers what it was asked. */
final class Source<T> implements Flow.Publisher<T> {

  private final long count;
  private final LongFunction<? extends T> item;
  private final AtomicLong requested = new AtomicLong();
  private final AtomicLong emitted = new AtomicLong();
  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();

  private Source(long count, LongFunction<? extends T> item) {
    this.count = count;
    this.item = item;
  }

  /** Publishes the items 0 to {@code count - 1} to each subscriber, then completes. */
  static <T> Source<T> of(long count, LongFunction<? extends T> item) {
    return new Source<>(count, item);
  }

  /** Publishes the numbers from 0 on. */
  static Source<Long> numbers(long count) {
    return of(count, n -> n);
  }

  /** Publishes the numbers from 0 on and never ends. */
  static Source<Long> endless() {
    return numbers(Long.MAX_VALUE);
  }

  /** Publishes nothing and never ends. */
  static <T> Flow.Publisher<T> silent() {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {}

              @Override
              public void cancel() {}
            });
  }

  /** Publishes some numbers and then fails. */
  static Flow.Publisher<Long> failing(long count, Throwable failure) {
    return subscriber ->
        numbers(count)
            .subscribe(
                new Flow.Subscriber<Long>() {
                  @Override
                  public void onSubscribe(Flow.Subscription s) {
                    subscriber.onSubscribe(s);
                  }

                  @Override
                  public void onNext(Long item) {
                    subscriber.onNext(item);
                  }

                  @Override
                  public void onError(Throwable t) {
                    subscriber.onError(t);
                  }

                  @Override
                  public void onComplete() {
                    subscriber.onError(failure);
                  }
                });
  }

  long requested() {
    return requested.get();
  }

  long emitted() {
    return emitted.get();
  }

  CompletableFuture<Void> cancelled() {
    return cancelled;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Running running = new Running(subscriber);
    subscriber.onSubscribe(running);
    running.drain();
  }

  private final class Running implements Flow.Subscription {
    private final Flow.Subscriber<? super T> subscriber;
    private final AtomicLong demand = new AtomicLong();
    // Not zero until onSubscribe has returned, so that no item comes before.
    private final AtomicInteger work = new AtomicInteger(1);
    private final AtomicBoolean over = new AtomicBoolean();
    private long next;

    Running(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        if (over.compareAndSet(false, true)) {
          subscriber.onError(new IllegalArgumentException("request(" + n + ") must be positive"));
        }
        return;
      }
      requested.accumulateAndGet(n, Source::sum);
      demand.accumulateAndGet(n, Source::sum);
      if (work.getAndIncrement() == 0) {
        drain();
      }
    }

    @Override
    public void cancel() {
      over.set(true);
      cancelled.complete(null);
    }

    void drain() {
      int seen;
      do {
        seen = work.get();
        while (!over.get() && next < count && demand.get() > 0) {
          demand.decrementAndGet();
          emitted.incrementAndGet();
          subscriber.onNext(item.apply(next++));
        }
        if (next == count && over.compareAndSet(false, true)) {
          subscriber.onComplete();
        }
      } while (work.addAndGet(-seen) != 0);
    }
  }

  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
