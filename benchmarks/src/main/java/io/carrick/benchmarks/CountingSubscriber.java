package io.carrick.benchmarks;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** Takes all there is and counts it. */
final class CountingSubscriber implements Flow.Subscriber<byte[]> {

  private final int itemBytes;
  private final CompletableFuture<Integer> taken;
  private int count;

  CountingSubscriber(int itemBytes, CompletableFuture<Integer> taken) {
    this.itemBytes = itemBytes;
    this.taken = taken;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(byte[] item) {
    CarrickClient.check(item, itemBytes);
    count++;
  }

  @Override
  public void onError(Throwable failure) {
    taken.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    taken.complete(count);
  }
}
