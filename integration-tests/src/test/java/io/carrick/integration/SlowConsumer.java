package io.carrick.integration;

import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that asks for everything and takes little, in a small heap, and makes requests on the
 * same session meanwhile. Prints what it saw; ends with 0 if every item came once and in order.
 */
final class SlowConsumer {

  private static final int ITEM_BYTES = 1_024;
  private static final int TICK_MILLIS = 10;
  private static final int MOST_SAMPLES = 20_000;

  private final int items;
  private final Semaphore allowed = new Semaphore(0);
  private final CompletableFuture<Integer> taken = new CompletableFuture<>();
  private final AtomicInteger next = new AtomicInteger();
  private final long[] latencies = new long[MOST_SAMPLES];

  private SlowConsumer(int items) {
    this.items = items;
  }

  /** Arguments: a directory, the number of items, the seconds in which it takes 100 a second. */
  public static void main(String[] args) throws Exception {
    SlowConsumer consumer = new SlowConsumer(Integer.parseInt(args[1]));
    consumer.run("unix:" + Path.of(args[0], "s"), Integer.parseInt(args[2]));
  }

  private void run(String endpoint, int slowSeconds) throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleStream("test/items", Integer.class, n -> Source.of(n, SlowConsumer::item));
      server.handle("test/echo", Integer.class, n -> n);
      Remote remote = client.connect(endpoint);
      remote.stream("test/items", items, byte[].class).subscribe(new Taking());
      clock.scheduleAtFixedRate(allowed::release, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);

      int slow = measure(remote, System.nanoTime() + TimeUnit.SECONDS.toNanos(slowSeconds), 0);
      System.out.println("slow-taken " + next.get());
      allowed.release(items);
      int all = measure(remote, Long.MAX_VALUE, slow);

      System.out.println("taken " + taken.get(60, TimeUnit.SECONDS));
      System.out.println("p99-micros-slow " + p99(0, slow));
      System.out.println("p99-micros-fast " + p99(slow, all));
      System.out.println("requests " + all);
    } finally {
      clock.shutdownNow();
    }
  }

  /** Makes one request after another until the time or the last item. */
  private int measure(Remote remote, long untilNanos, int from) throws Exception {
    int samples = from;
    while (!taken.isDone() && samples < MOST_SAMPLES) {
      long begin = System.nanoTime();
      if (untilNanos != Long.MAX_VALUE && begin - untilNanos > 0) {
        break;
      }
      remote.request("test/echo", samples, Integer.class).get(20, TimeUnit.SECONDS);
      latencies[samples++] = System.nanoTime() - begin;
      // A caller that asks now and then, as callers do.
      java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    return samples;
  }

  private long p99(int from, int to) {
    long[] part = Arrays.copyOfRange(latencies, from, to);
    Arrays.sort(part);
    return part.length == 0 ? 0 : part[(int) (part.length * 0.99)] / 1_000;
  }

  private static byte[] item(long number) {
    byte[] bytes = new byte[ITEM_BYTES];
    Arrays.fill(bytes, (byte) number);
    ByteBuffer.wrap(bytes).putLong(number);
    return bytes;
  }

  private final class Taking implements Flow.Subscriber<byte[]> {
    @Override
    public void onSubscribe(Flow.Subscription s) {
      s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(byte[] bytes) {
      allowed.acquireUninterruptibly();
      int expected = next.getAndIncrement();
      if (!Arrays.equals(bytes, item(expected))) {
        taken.completeExceptionally(
            new AssertionError(
                "item "
                    + ByteBuffer.wrap(bytes).getLong()
                    + " came where "
                    + expected
                    + " was due"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      taken.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      taken.complete(next.get());
    }
  }
}
