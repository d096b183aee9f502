package io.carrick.core;

import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/** Gives the numbers from 0 as they are asked for, to each subscriber. */
public final class RangePublisher implements Flow.Publisher<Integer> {

  private final int count;

  public RangePublisher(int count) {
    this.count = count;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Integer> subscriber) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          private final AtomicLong asked = new AtomicLong();
          private int next;
          private volatile boolean over;

          @Override
          public void request(long n) {
            if (asked.getAndAdd(n) != 0) {
              return;
            }
            long given = 0;
            while (true) {
              while (given < asked.get() && !over) {
                if (next == count) {
                  over = true;
                  subscriber.onComplete();
                  return;
                }
                subscriber.onNext(next++);
                given++;
                if (next == count) {
                  over = true;
                  subscriber.onComplete();
                  return;
                }
              }
              if (over || asked.addAndGet(-given) == 0) {
                return;
              }
              given = 0;
            }
          }

          @Override
          public void cancel() {
            over = true;
          }
        });
  }
}
