package io.carrick.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** Collects what a publisher gives. */
public final class Collecting<T> implements Flow.Subscriber<T> {

  final CompletableFuture<List<T>> result = new CompletableFuture<>();
  final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
  private final List<T> items = new ArrayList<>();
  private final long demand;

  Collecting(long demand) {
    this.demand = demand;
  }

  public static <T> CompletableFuture<List<T>> all(Flow.Publisher<T> publisher) {
    Collecting<T> collecting = new Collecting<>(Long.MAX_VALUE);
    publisher.subscribe(collecting);
    return collecting.result;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscribed.complete(s);
    if (demand > 0) {
      s.request(demand);
    }
  }

  @Override
  public void onNext(T item) {
    items.add(item);
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    result.complete(items);
  }
}
