package io.carrick.integration;

import io.carrick.Handlers;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts beside what a test does: takes the numbers from 0 on as a stream, some each millisecond,
 * and fails the test if one is missing, comes twice or out of order, or if they stop.
 */
final class CountingStream implements AutoCloseable {

  private static final String TOPIC = "beside/count";
  private static final int EACH_MILLISECOND = 4;

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "counting-stream");
            thread.setDaemon(true);
            return thread;
          });
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final CompletableFuture<Void> fault = new CompletableFuture<>();
  private final AtomicLong next = new AtomicLong();

  /** Answers the stream at a node. */
  static void serve(Handlers server) {
    server.handleStream(TOPIC, String.class, text -> Source.endless());
  }

  CountingStream(Remote remote) {
    remote.stream(TOPIC, "", Long.class)
        .subscribe(
            new Flow.Subscriber<Long>() {
              @Override
              public void onSubscribe(Flow.Subscription s) {
                subscription.complete(s);
              }

              @Override
              public void onNext(Long number) {
                long expected = next.getAndIncrement();
                if (number != expected) {
                  fail(new AssertionError(number + " came where " + expected + " was due"));
                }
              }

              @Override
              public void onError(Throwable failure) {
                fail(failure);
              }

              @Override
              public void onComplete() {
                fail(new AssertionError("the endless stream ended"));
              }
            });
    Flow.Subscription s = Await.result(subscription);
    clock.scheduleAtFixedRate(() -> s.request(EACH_MILLISECOND), 0, 1, TimeUnit.MILLISECONDS);
    verify();
  }

  private void fail(Throwable failure) {
    fault.completeExceptionally(failure);
  }

  /** Nothing was missed so far, and more comes. */
  void verify() {
    long seen = next.get();
    Await.until(
        () -> "numbers after " + seen + " come beside; fault: " + fault,
        Await.LONG_ENOUGH,
        () -> next.get() > seen + EACH_MILLISECOND || fault.isDone());
    if (fault.isDone()) {
      fault.join();
    }
  }

  long count() {
    return next.get();
  }

  @Override
  public void close() {
    clock.shutdownNow();
    subscription.join().cancel();
  }
}
