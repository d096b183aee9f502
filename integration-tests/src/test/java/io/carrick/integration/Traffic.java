package io.carrick.integration;

import io.carrick.CallOptions;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * A stream, a channel, requests and sends at the same time, each of them counting: what is lost,
 * comes twice or out of order, or fails, is found. Runs until it is stopped.
 */
final class Traffic implements AutoCloseable {

  /** What counts by itself. */
  enum Kind {
    STREAM,
    CHANNEL,
    REQUEST,
    SEND
  }

  private static final int WINDOW = 16;
  private static final int MAX_FAULTS = 20;

  private final Remote remote;
  private final AtomicLong[] counts = new AtomicLong[Kind.values().length];
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final Calls requests;
  private final Calls sends;
  private final Counting stream = new Counting(Kind.STREAM);
  private final Counting channel = new Counting(Kind.CHANNEL);
  private volatile boolean stopped;

  Traffic(Remote target) {
    this.remote = target.with(CallOptions.DEFAULT.withDeadline(Duration.ofMinutes(2)));
    Arrays.setAll(counts, i -> new AtomicLong());
    this.requests = new Calls(Kind.REQUEST, this::request);
    this.sends = new Calls(Kind.SEND, n -> remote.send("traffic/tell", n));
    remote.stream("traffic/stream", "", Long.class).subscribe(stream);
    remote.channel("traffic/channel", Source.endless(), Long.class).subscribe(channel);
    requests.fill();
    sends.fill();
  }

  private CompletableFuture<Void> request(long n) {
    return remote
        .request("traffic/ask", n, Long.class)
        .thenAccept(
            answer -> {
              if (answer != -n) {
                add(faults, "request " + n + " was answered with " + answer);
              }
            });
  }

  long count(Kind kind) {
    return counts[kind.ordinal()].get();
  }

  long total() {
    return Arrays.stream(counts).mapToLong(AtomicLong::get).sum();
  }

  /** Waits until there are so many in all, and until each kind has gone on by some. */
  void await(long total, long more, Duration max) {
    long[] goals = Arrays.stream(counts).mapToLong(count -> count.get() + more).toArray();
    Await.until(
        () -> total + " in all, each kind at least " + Arrays.toString(goals) + "; " + this,
        max,
        () -> !faults.isEmpty() || (total() >= total && reached(goals)));
    verify();
  }

  private boolean reached(long[] goals) {
    for (int i = 0; i < goals.length; i++) {
      if (counts[i].get() < goals[i]) {
        return false;
      }
    }
    return true;
  }

  /** Ends everything in order, and checks that nothing is missing at either side. */
  void stop() {
    stopped = true;
    Await.until(
        () -> "the calls under way end; " + this,
        Duration.ofSeconds(20),
        () -> requests.inFlight.get() == 0 && sends.inFlight.get() == 0);
    stream.cancel();
    channel.cancel();
    verify();
    String seen = Await.result(remote.request("traffic/report", "", String.class));
    String expected = TrafficServer.report(count(Kind.REQUEST), count(Kind.SEND), List.of());
    if (!seen.equals(expected)) {
      throw new AssertionError("The server has seen " + seen + ", and was sent " + expected);
    }
  }

  void verify() {
    if (!faults.isEmpty()) {
      throw new AssertionError(this + ": " + faults);
    }
  }

  static void add(List<String> faults, String fault) {
    if (faults.size() < MAX_FAULTS) {
      faults.add(fault);
    }
  }

  @Override
  public void close() {
    stopped = true;
    stream.cancel();
    channel.cancel();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      text.append(kind).append(' ').append(count(kind)).append(' ');
    }
    return text.append("faults ").append(faults).toString();
  }

  /** Some calls under way at each time, begun in the order of their numbers. */
  private final class Calls {
    private final Kind kind;
    private final LongFunction<CompletableFuture<Void>> call;
    private final AtomicInteger inFlight = new AtomicInteger();
    private long next; // Guarded by this.

    Calls(Kind kind, LongFunction<CompletableFuture<Void>> call) {
      this.kind = kind;
      this.call = call;
    }

    void fill() {
      for (int i = 0; i < WINDOW; i++) {
        again();
      }
    }

    private void again() {
      CompletableFuture<Void> made;
      synchronized (this) {
        if (stopped) {
          return;
        }
        inFlight.incrementAndGet();
        made = call.apply(next++);
      }
      made.whenCompleteAsync(
          (done, failure) -> {
            if (failure == null) {
              counts[kind.ordinal()].incrementAndGet();
              again();
            } else {
              add(faults, kind + " failed: " + failure);
            }
            inFlight.decrementAndGet();
          });
    }
  }

  /** Takes the numbers from 0 on. */
  private final class Counting implements Flow.Subscriber<Long> {
    private final Kind kind;
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private volatile boolean cancelled;
    private int taken; // Of the thread that calls.

    Counting(Kind kind) {
      this.kind = kind;
    }

    void cancel() {
      cancelled = true;
      subscription.thenAccept(Flow.Subscription::cancel);
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription.complete(s);
      s.request(4 * WINDOW);
    }

    @Override
    public void onNext(Long number) {
      long expected = counts[kind.ordinal()].getAndIncrement();
      if (number != expected) {
        add(faults, kind + ": " + number + " came where " + expected + " was due");
      }
      if (++taken == WINDOW) {
        taken = 0;
        subscription.join().request(WINDOW);
      }
    }

    @Override
    public void onError(Throwable failure) {
      if (!cancelled) {
        add(faults, kind + " failed: " + failure);
      }
    }

    @Override
    public void onComplete() {
      add(faults, kind + " ended although it is endless");
    }
  }
}
