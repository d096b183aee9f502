package io.carrick.integration;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives the numbers from 1 as they are asked for, for one subscriber, and counts what was asked.
 */
final class Numbers implements Flow.Publisher<String>, Flow.Subscription {

  private final int most;
  final AtomicLong asked = new AtomicLong();
  final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private int given;
  private Flow.Subscriber<? super String> to;

  Numbers(int most) {
    this.most = most;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super String> subscriber) {
    to = subscriber;
    subscriber.onSubscribe(this);
  }

  @Override
  public synchronized void request(long n) {
    asked.addAndGet(n);
    for (long i = 0; i < n && given < most; i++) {
      to.onNext(String.valueOf(++given));
      if (given == most) {
        to.onComplete();
      }
    }
  }

  @Override
  public void cancel() {
    cancelled.complete(null);
  }
}
