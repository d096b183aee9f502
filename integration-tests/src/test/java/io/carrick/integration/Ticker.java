package io.carrick.integration;

import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Publishes the numbers from 0 on to each subscriber, one each so many milliseconds. What was due
 * while there was no demand comes as soon as there is. The clock must have one thread only.
 */
final class Ticker implements Flow.Publisher<Long> {

  private final ScheduledExecutorService clock;
  private final int everyMillis;
  private final long count;

  Ticker(ScheduledExecutorService clock, int everyMillis, long count) {
    this.clock = clock;
    this.everyMillis = everyMillis;
    this.count = count;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Long> subscriber) {
    Run run = new Run(subscriber);
    subscriber.onSubscribe(run);
    run.begin();
  }

  private final class Run implements Flow.Subscription {
    private final Flow.Subscriber<? super Long> subscriber;
    private final long start = System.nanoTime();
    private volatile boolean over;

    // Of the clock's thread.
    private ScheduledFuture<?> ticks;
    private long next;
    private long demanded;

    Run(Flow.Subscriber<? super Long> subscriber) {
      this.subscriber = subscriber;
    }

    void begin() {
      clock.execute(
          () ->
              ticks = clock.scheduleAtFixedRate(this::tick, 0, everyMillis, TimeUnit.MILLISECONDS));
    }

    @Override
    public void request(long n) {
      if (!over) {
        clock.execute(() -> demanded = demanded + n < 0 ? Long.MAX_VALUE : demanded + n);
      }
    }

    @Override
    public void cancel() {
      over = true;
    }

    private void tick() {
      long due = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / everyMillis;
      while (!over && next <= due && next < demanded && next < count) {
        subscriber.onNext(next++);
      }
      if (!over && next == count) {
        over = true;
        subscriber.onComplete();
      }
      if (over) {
        ticks.cancel(false);
      }
    }
  }
}
