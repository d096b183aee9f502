package io.carrick.integration;

import io.carrick.MessagingException;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** Subscribes, collects what comes and asks for as much as the test says. */
final class Items<T> implements Flow.Subscriber<T> {

  private final long firstDemand;
  private final Consumer<? super T> sink;
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final List<T> items = new ArrayList<>();
  private int ends;

  private Items(long firstDemand, Consumer<? super T> sink) {
    this.firstDemand = firstDemand;
    this.sink = sink;
  }

  /** Asks for everything. */
  static <T> Items<T> all() {
    return asking(Long.MAX_VALUE);
  }

  /** Asks for this many at first. */
  static <T> Items<T> asking(long firstDemand) {
    return new Items<>(firstDemand, item -> {});
  }

  /** Asks for everything and shows each item to a sink as it comes. */
  static <T> Items<T> all(Consumer<? super T> sink) {
    return new Items<>(Long.MAX_VALUE, sink);
  }

  static <T> Items<T> of(Flow.Publisher<T> publisher) {
    Items<T> items = all();
    publisher.subscribe(items);
    return items;
  }

  void request(long n) {
    Await.result(subscription).request(n);
  }

  void cancel() {
    Await.result(subscription).cancel();
  }

  synchronized List<T> list() {
    return List.copyOf(items);
  }

  synchronized int count() {
    return items.size();
  }

  synchronized int ends() {
    return ends;
  }

  /** Completes with the end of the stream, as the stream does. */
  CompletableFuture<Void> end() {
    return end;
  }

  boolean ended() {
    return end.isDone();
  }

  void awaitCount(int n) {
    awaitCount(n, Await.LONG_ENOUGH);
  }

  void awaitCount(int n, Duration max) {
    Await.until(
        () -> n + " items; there are " + count() + ", end: " + end, max, () -> count() >= n);
  }

  /** All items, once the stream has ended in order. */
  List<T> complete() {
    Await.result(end);
    return list();
  }

  /** Why the stream failed. */
  <E extends MessagingException> E failure(Class<E> type) {
    return Failures.in(end, type);
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription.complete(s);
    if (firstDemand > 0) {
      s.request(firstDemand);
    }
  }

  @Override
  public void onNext(T item) {
    synchronized (this) {
      items.add(item);
    }
    sink.accept(item);
  }

  @Override
  public void onError(Throwable failure) {
    ended(() -> end.completeExceptionally(failure));
  }

  @Override
  public void onComplete() {
    ended(() -> end.complete(null));
  }

  private void ended(Runnable action) {
    synchronized (this) {
      ends++;
    }
    action.run();
  }
}
