package io.carrick.integration;

import io.carrick.Messenger;
import io.carrick.Remote;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A program that takes an endless count from {@code carrick serve} at the endpoint {@code args[0]},
 * and prints {@code on SCHEME} as soon as the session is on a path of each of the schemes that
 * follow, one after the other. It ends with 0 if no number was missing, doubled or out of order.
 */
final class UpgradeClient {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** What must come over each path before the next one is awaited. */
  private static final int ITEMS = 200;

  private UpgradeClient() {}

  public static void main(String[] args) {
    try (Messenger messenger = Messenger.builder("upgrade-client").build()) {
      Remote remote = messenger.connect(args[0]);
      remote.onPathEvent(event -> System.out.println(event));
      Count count = new Count();
      remote.stream("carrick/count", "1000000000", String.class).subscribe(count);
      for (int i = 1; i < args.length; i++) {
        String scheme = args[i];
        await(
            "a path of " + scheme,
            count,
            () -> remote.explain().chosen().filter(e -> e.startsWith(scheme + ":")).isPresent());
        long least = count.next.get() + ITEMS;
        await(least + " items over " + scheme, count, () -> count.next.get() >= least);
        System.out.println("on " + scheme);
      }
      System.out.println("in order: " + count.next.get());
      System.exit(0);
    } catch (IllegalStateException e) {
      System.out.println("failed: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void await(String what, Count count, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (count.fault.isDone()) {
        throw new IllegalStateException(count.fault.join());
      }
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new IllegalStateException("not in time: " + what + " at " + count.next.get());
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Takes one number at a time. */
  private static final class Count implements Flow.Subscriber<String> {

    final AtomicLong next = new AtomicLong(1);
    final CompletableFuture<String> fault = new CompletableFuture<>();
    private Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
      s.request(1);
    }

    @Override
    public void onNext(String number) {
      long expected = next.getAndIncrement();
      if (!number.equals(String.valueOf(expected))) {
        fault.complete(number + " came where " + expected + " was due");
      }
      subscription.request(1);
    }

    @Override
    public void onError(Throwable failure) {
      fault.complete(failure.toString());
    }

    @Override
    public void onComplete() {
      fault.complete("the count ended");
    }
  }
}
