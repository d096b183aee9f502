package io.carrick.cli;

import io.carrick.Call;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.OverflowPolicy;
import io.carrick.Registration;
import io.carrick.Remote;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * One service and one caller on one transport: every pattern with numbered messages, each of which
 * must arrive once, and in order where the pattern has one.
 */
final class Tour implements AutoCloseable {

  private static final int CALLS = 1_000;
  private static final int ITEMS = 10_000;
  private static final int IN_FLIGHT = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Terminal terminal;
  private final Messenger service;
  private final Messenger caller;
  private final Remote remote;

  /** Starts the service and the caller. */
  Tour(Terminal terminal, String endpoint) {
    this.terminal = terminal;
    service = Messenger.builder("tour-service").listen(endpoint).build();
    caller = Messenger.builder("tour-caller").build();
    remote = caller.connect(service.endpoints().get(0));
  }

  /** Where the service really listens. */
  String endpoint() {
    return service.endpoints().get(0);
  }

  /** The patterns, in the order of the tour. */
  List<Leg> legs() {
    return List.of(
        new Leg("request", CALLS + " requests and their replies", this::request),
        new Leg("stream", ITEMS + " items of one stream", this::stream),
        new Leg("channel", CALLS + " values there and as many items back", this::channel),
        new Leg("publish", CALLS + " messages to a subscriber", this::publish),
        new Leg("send", CALLS + " one-way messages", this::send));
  }

  private Tally request() throws Exception {
    Ledger requests = new Ledger(false);
    Ledger replies = new Ledger(false);
    Registration handler =
        service.handle(
            "tour/request",
            String.class,
            (String number) -> {
              requests.receive(Integer.parseInt(number));
              replies.send(Integer.parseInt(number));
              return number;
            });
    calls(
        "requests",
        i ->
            remote
                .request("tour/request", Integer.toString(requests.send()), String.class)
                .thenAccept(reply -> replies.receive(Integer.parseInt(reply))));
    handler.close();
    return requests.tally().plus(replies.tally());
  }

  private Tally stream() throws Exception {
    Ledger items = new Ledger(true);
    Registration handler =
        service.handleStream(
            "tour/stream", String.class, (String last) -> numbers(items, Integer.parseInt(last)));
    Flow.Publisher<String> stream =
        remote.stream("tour/stream", Integer.toString(ITEMS), String.class);
    try (Progress progress = new Progress(terminal, "items", ITEMS)) {
      receiveAll(stream, items, progress);
    }
    handler.close();
    return items.tally();
  }

  private Tally channel() throws Exception {
    Ledger values = new Ledger(true);
    Ledger items = new Ledger(true);
    Registration handler =
        service.handleChannel(
            "tour/channel",
            String.class,
            (Flow.Publisher<String> incoming, Call call) ->
                new MappedPublisher<String, String>(
                    incoming,
                    () ->
                        value -> {
                          values.receive(Integer.parseInt(value));
                          return Integer.toString(items.send());
                        }));
    try (Progress progress = new Progress(terminal, "items", CALLS)) {
      receiveAll(
          remote.channel("tour/channel", numbers(values, CALLS), String.class), items, progress);
    }
    handler.close();
    return values.tally().plus(items.tally());
  }

  private Tally publish() throws Exception {
    Ledger messages = new Ledger(true);
    CompletableFuture<Void> all = new CompletableFuture<>();
    Registration subscription =
        await(
            remote.subscribe(
                "tour/news/+",
                String.class,
                OverflowPolicy.BLOCK,
                number -> receiveOne(messages, number, all)));
    calls(
        "messages", i -> remote.publish("tour/news/" + i % 10, Integer.toString(messages.send())));
    awaitQuietly(all);
    subscription.close();
    return messages.tally();
  }

  private Tally send() throws Exception {
    Ledger messages = new Ledger(true);
    CompletableFuture<Void> all = new CompletableFuture<>();
    Registration handler =
        service.handleSend(
            "tour/send", String.class, (String number) -> receiveOne(messages, number, all));
    calls("messages", i -> remote.send("tour/send", Integer.toString(messages.send())));
    awaitQuietly(all);
    handler.close();
    return messages.tally();
  }

  /** Makes all calls, a few at a time, and waits for their ends. */
  private void calls(String what, IntFunction<CompletableFuture<Void>> call) throws Exception {
    Semaphore room = new Semaphore(IN_FLIGHT);
    CompletableFuture<Void> failure = new CompletableFuture<>();
    try (Progress progress = new Progress(terminal, what, CALLS)) {
      for (int i = 0; i < CALLS && !failure.isDone(); i++) {
        acquire(room, 1);
        CompletableFuture<Void> unused =
            call.apply(i)
                .whenComplete(
                    (result, e) -> {
                      if (e != null) {
                        failure.completeExceptionally(e);
                      }
                      room.release();
                    });
        progress.advance(i + 1);
      }
      acquire(room, IN_FLIGHT);
    }
    failure.complete(null);
    await(failure);
  }

  private static void acquire(Semaphore room, int permits) throws Exception {
    if (!room.tryAcquire(permits, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("calls did not end within " + PATIENCE.toSeconds() + " s");
    }
  }

  private static void receiveAll(Flow.Publisher<String> items, Ledger ledger, Progress progress)
      throws Exception {
    LedgerSubscriber subscriber = new LedgerSubscriber(ledger, progress::advance);
    items.subscribe(subscriber);
    await(subscriber.done());
  }

  private static void receiveOne(Ledger ledger, String number, CompletableFuture<Void> all) {
    ledger.receive(Integer.parseInt(number));
    if (ledger.arrived() == CALLS) {
      all.complete(null);
    }
  }

  private static Flow.Publisher<String> numbers(Ledger ledger, int last) {
    return new IteratorPublisher<>(
        () ->
            IntStream.rangeClosed(1, last)
                .mapToObj(i -> Integer.toString(ledger.send()))
                .iterator(),
        Runnable::run);
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("nothing happened for " + PATIENCE.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof MessagingException cause ? cause : e;
    }
  }

  // What has not come by then is lost, which the tally tells.
  private static void awaitQuietly(CompletableFuture<Void> all) throws Exception {
    try {
      await(all);
    } catch (TimeoutException e) {
      all.cancel(false);
    }
  }

  @Override
  public void close() {
    caller.close();
    service.close();
  }

  /**
   * One pattern.
   *
   * @param pattern its name
   * @param what what is done
   * @param walk does it
   */
  record Leg(String pattern, String what, Walk walk) {}

  /** Does one pattern and tells what became of its messages. */
  @FunctionalInterface
  interface Walk {
    Tally run() throws Exception;
  }
}
