package io.carrick.integration;

import io.carrick.CallOptions;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A node, and a client of it in the same process, whose heap is used up to the last bytes for a
 * while: what handles the first failure finds no memory either, not even for its text.
 */
final class FullHeap {

  private static final long HELD_NANOS = 2_500_000_000L;

  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final int CALLS = 50;

  private static final Flow.Subscription NONE =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private static final Semaphore FILL = new Semaphore(0);
  private static volatile int filled;

  private FullHeap() {}

  /** Argument: the endpoint. */
  public static void main(String[] args) throws Exception {
    Thread filler = new Thread(FullHeap::fillWhenAsked, "filler");
    filler.setDaemon(true);
    filler.start();
    try (Messenger node = Messenger.builder("full").listen(args[0]).build();
        Messenger client = Messenger.builder("beside").connectTimeout(CONNECT).build()) {
      Remote remote = client.connect(args[0]);
      Calls calls = new Calls(remote.with(CallOptions.DEFAULT.withDeadline(DEADLINE)));
      node.handleAsync("never", String.class, (any, call) -> new CompletableFuture<String>());
      node.handleStream("silent", String.class, any -> subscriber -> subscriber.onSubscribe(NONE));
      node.handle(
          "fill",
          String.class,
          any -> {
            calls.begin();
            FILL.release();
            return "";
          });
      node.handle("filled", String.class, any -> "" + filled);
      node.handleAsync(
          "state",
          Message.class,
          (any, call) ->
              remote
                  .request("filled", "", String.class)
                  .thenApply(n -> n + " " + calls.open.get() + " open " + threads()));
      remote.request("filled", "", String.class).get();
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }

  /** Calls that nobody answers, so that their deadlines pass where there is no memory. */
  private static final class Calls {

    private final Remote remote;
    final AtomicInteger open = new AtomicInteger();

    Calls(Remote remote) {
      this.remote = remote;
    }

    void begin() {
      for (int i = 0; i < CALLS; i++) {
        open.addAndGet(2);
        remote
            .request("never", "", String.class)
            .whenComplete((v, failure) -> open.decrementAndGet());
        remote.stream("silent", "", String.class).subscribe(new UntilEnd(open));
      }
    }
  }

  private record UntilEnd(AtomicInteger open) implements Flow.Subscriber<String> {

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String item) {}

    @Override
    public void onError(Throwable failure) {
      open.decrementAndGet();
    }

    @Override
    public void onComplete() {
      open.decrementAndGet();
    }
  }

  /** Those of Carrick that are there as long as a messenger is. */
  private static String threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.matches("carrick-(timer|delays|unix|grpc|memory)-.*"))
        .sorted()
        .collect(Collectors.joining(","));
  }

  private static void fillWhenAsked() {
    while (true) {
      FILL.acquireUninterruptibly();
      Object[] all = null;
      long end = System.nanoTime() + HELD_NANOS;
      while (System.nanoTime() - end < 0) {
        // What others let go meanwhile is taken, too.
        all = more(all);
        LockSupport.parkNanos(1_000_000);
      }
      all = null;
      filled++;
      System.out.println("filled " + filled);
    }
  }

  private static Object[] more(Object @Nullable [] before) {
    Object[] last = before;
    for (int length = 1 << 16; length > 0; length /= 4) {
      try {
        while (true) {
          Object[] next = new Object[length];
          next[0] = last;
          last = next;
        }
      } catch (OutOfMemoryError e) {
        // Smaller ones may fit.
      }
    }
    return last;
  }
}
