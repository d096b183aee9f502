package io.carrick.integration;

import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** Takes the numbers from 0 on and measures the longest gap between two of them. */
final class Pauses implements Flow.Subscriber<Long> {

  private final CompletableFuture<Void> fault = new CompletableFuture<>();
  private final List<Long> gaps = new ArrayList<>(); // Of the thread that tests.

  // Guarded by this.
  private long next;
  private long lastNanos;
  private long longest;

  @Override
  public void onSubscribe(Flow.Subscription s) {
    s.request(Long.MAX_VALUE);
  }

  @Override
  public synchronized void onNext(Long number) {
    long now = System.nanoTime();
    if (number != next) {
      fault.completeExceptionally(new AssertionError(number + " came where " + next + " was due"));
    }
    if (next > 0) {
      longest = Math.max(longest, now - lastNanos);
    }
    lastNanos = now;
    next++;
  }

  @Override
  public void onError(Throwable failure) {
    fault.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    fault.completeExceptionally(new AssertionError("the stream ended"));
  }

  synchronized long count() {
    return next;
  }

  void awaitMore(int items) {
    long goal = count() + items;
    Await.until(
        () -> goal + " items; there are " + count() + ", fault " + fault,
        Duration.ofSeconds(20),
        () -> count() >= goal || fault.isDone());
    if (fault.isDone()) {
      fault.join();
    }
  }

  /** The longest gap from now until an action is done and some more items have come. */
  void measure(Runnable action, int more) {
    synchronized (this) {
      longest = 0;
    }
    action.run();
    awaitMore(more);
    synchronized (this) {
      gaps.add(longest);
    }
  }

  /** For so many percent of what was measured the gap was not longer than this. */
  Duration percentile(int percent) {
    List<Long> sorted = gaps.stream().sorted().toList();
    int index = (int) Math.ceil(sorted.size() * percent / 100.0) - 1;
    return Duration.ofNanos(sorted.get(Math.max(0, index)));
  }

  @Override
  public String toString() {
    return String.format(
        "%d times, p50 %.1f ms, p99 %.1f ms, max %.1f ms",
        gaps.size(), millis(50), millis(99), millis(100));
  }

  private double millis(int percent) {
    return percentile(percent).toNanos() / 1e6;
  }
}
