package io.carrick.cli;

import io.carrick.AdvertisedEndpoints;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One running stream that goes over every transport in turn: asked to move, and with the connection
 * under it cut. A line for each quarter of a second says which path carries it.
 */
final class MovingTour implements AutoCloseable {

  private static final int STEPS = 16;
  private static final long STEP_NANOS = 250_000_000L;
  private static final long PATIENCE_SECONDS = 30;

  /** Enough to see that it flows; the tour is not a benchmark. */
  private static final long PAUSE_NANOS = 20_000L;

  private final Consumer<String> say;
  private final Messenger service;
  private final Messenger caller;
  private final Remote remote;

  /** The endpoints that the caller knows, and the relay before each that has one. */
  private final Map<String, Relay> ways = new LinkedHashMap<>();

  private final Ledger items = new Ledger(true);
  private final AtomicBoolean enough = new AtomicBoolean();
  private final AtomicInteger moves = new AtomicInteger();
  private final List<String> news = new ArrayList<>();

  MovingTour(List<TourStop> stops, Consumer<String> say) {
    this.say = say;
    Messenger.Builder builder = Messenger.builder("tour-service");
    stops.forEach(stop -> builder.listen(stop.endpoint().get()));
    service = builder.build();
    for (String endpoint : service.endpoints()) {
      if (endpoint.startsWith("memory:")) {
        ways.put(endpoint, null);
      } else {
        Relay relay = Relay.to(endpoint);
        ways.put(relay.endpoint(), relay);
      }
    }
    caller = Messenger.builder("tour-caller").advertisedEndpoints(AdvertisedEndpoints.NONE).build();
    List<String> endpoints = List.copyOf(ways.keySet());
    remote =
        caller.connect(
            endpoints.get(0), endpoints.subList(1, endpoints.size()).toArray(String[]::new));
    remote.onPathEvent(this::heard);
  }

  private void heard(PathEvent event) {
    boolean moved = event.what() == PathEvent.What.MOVED || event.what() == PathEvent.What.RESUMED;
    if (moved) {
      moves.incrementAndGet();
      synchronized (news) {
        news.add(
            (event.what() == PathEvent.What.MOVED ? "moved to " : "resumed on ")
                + scheme(event.to())
                + ": "
                + event.reason());
      }
    }
  }

  /** How often the session moved. */
  int moves() {
    return moves.get();
  }

  Tally run() throws Exception {
    service.handleStream(
        "tour/moving",
        String.class,
        (String q) ->
            new IteratorPublisher<>(
                () -> Stream.generate(this::next).takeWhile(n -> !n.isEmpty()).iterator(),
                Runnable::run));
    CompletableFuture<Void> done = new CompletableFuture<>();
    LedgerSubscriber subscriber = new LedgerSubscriber(items, n -> {});
    remote.stream("tour/moving", "", String.class).subscribe(subscriber);
    subscriber
        .done()
        .whenComplete(
            (v, failure) -> {
              if (failure == null) {
                done.complete(null);
              } else {
                done.completeExceptionally(failure);
              }
            });
    try {
      chaos(done);
    } finally {
      enough.set(true);
    }
    try {
      done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("the stream did not end within " + PATIENCE_SECONDS + " s");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    return items.tally();
  }

  private String next() {
    if (enough.get()) {
      return "";
    }
    LockSupport.parkNanos(PAUSE_NANOS);
    return Integer.toString(items.send());
  }

  /** Moves the session on at each even step, and cuts what carries it at each odd one. */
  private void chaos(CompletableFuture<Void> done) throws Exception {
    List<String> endpoints = List.copyOf(ways.keySet());
    long before = 0;
    int next = 0;
    for (int step = 0; step < STEPS && !done.isDone(); step++) {
      LockSupport.parkNanos(STEP_NANOS);
      long now = items.tally().received();
      String present = remote.explain().chosen().orElse("");
      say.accept(
          String.format(
              Locale.ROOT,
              "  %5.2f s  %-7s %,9d items/s  %s",
              (step + 1) * STEP_NANOS / 1e9,
              present.isEmpty() ? "-" : scheme(present),
              (now - before) * 1_000_000_000L / STEP_NANOS,
              heardSince()));
      before = now;
      Relay relay = ways.get(present);
      if (step % 2 == 1 && relay != null) {
        relay.cut();
      } else {
        var unused = remote.move(endpoints.get(next++ % endpoints.size()));
      }
    }
  }

  private String heardSince() {
    synchronized (news) {
      String text = String.join("; ", news);
      news.clear();
      return text;
    }
  }

  private static String scheme(String endpoint) {
    return endpoint.substring(0, endpoint.indexOf(':'));
  }

  @Override
  public void close() {
    caller.close();
    service.close();
    ways.values().stream().filter(relay -> relay != null).forEach(Relay::close);
  }
}
