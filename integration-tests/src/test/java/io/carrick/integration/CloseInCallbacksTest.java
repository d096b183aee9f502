package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallContext;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A callback that closes the messenger that runs it goes on undisturbed, whatever it is. */
@Tag("side-by-side")
@Timeout(120)
final class CloseInCallbacksTest {

  /** The callback goes on for this long, in which an interrupt would come. */
  private static final long REST_MILLIS = 200;

  private static final Duration MOST_TO_RETURN = Duration.ofSeconds(2);
  private static final Duration MOST_TO_CLOSE = Duration.ofSeconds(20);

  @TempDir Path directory;

  /** Two nodes, and the callback that closes one of them. */
  private record Nodes(Messenger server, Messenger client, Remote remote, Runnable here) {}

  private interface Place {
    void use(Nodes nodes) throws Exception;
  }

  @TestFactory
  Stream<DynamicTest> ofWhoServes() {
    Map<String, Place> places = new LinkedHashMap<>();
    places.put("handler", n -> request(n, text -> echo(n, text)));
    places.put("nonBlocking handler", CloseInCallbacksTest::requestInPlace);
    places.put("async handler", CloseInCallbacksTest::requestAsync);
    places.put("send handler", CloseInCallbacksTest::send);
    places.put("stream handler", CloseInCallbacksTest::stream);
    places.put("publisher of a stream", CloseInCallbacksTest::answers);
    places.put("channel handler", CloseInCallbacksTest::channel);
    places.put("subscriber of a channel", CloseInCallbacksTest::values);
    places.put("own subscription", CloseInCallbacksTest::ownSubscription);
    places.put("cancel of a call", CloseInCallbacksTest::cancel);
    places.put("interceptor around handlers", n -> request(n, text -> text));
    places.put("path listener of a peer", CloseInCallbacksTest::pathOfPeer);
    return over(true, places);
  }

  @TestFactory
  Stream<DynamicTest> ofWhoCalls() {
    Map<String, Place> places = new LinkedHashMap<>();
    places.put("continuation of a request", CloseInCallbacksTest::afterRequest);
    places.put("continuation of a send", CloseInCallbacksTest::afterSend);
    places.put("continuation of a publish", CloseInCallbacksTest::afterPublish);
    places.put("continuation of a failure", CloseInCallbacksTest::afterFailure);
    places.put("onNext of a stream", n -> items(n, true));
    places.put("onComplete of a stream", n -> items(n, false));
    places.put("publisher of a channel", CloseInCallbacksTest::ownValues);
    places.put("subscription", CloseInCallbacksTest::subscription);
    places.put("continuation of a subscribe", CloseInCallbacksTest::afterSubscribe);
    places.put("path listener", CloseInCallbacksTest::path);
    places.put("interceptor around calls", n -> request(n, text -> text));
    return over(false, places);
  }

  private Stream<DynamicTest> over(boolean serving, Map<String, Place> places) {
    return Stream.of(TestTransport.UNIX, TestTransport.GRPC)
        .flatMap(
            transport ->
                places.entrySet().stream()
                    .map(
                        place ->
                            DynamicTest.dynamicTest(
                                transport + ", " + place.getKey(),
                                () -> run(transport, serving, place.getKey(), place.getValue()))));
  }

  private void run(TestTransport transport, boolean serving, String name, Place place)
      throws Exception {
    CompletableFuture<Messenger> closes = new CompletableFuture<>();
    Closing here = new Closing(closes);
    Messenger.Builder service = Messenger.builder("server");
    Messenger.Builder caller = Messenger.builder("client");
    if (name.startsWith("interceptor around handlers")) {
      service.interceptHandlers(intercepting(here));
    } else if (name.startsWith("interceptor around calls")) {
      caller.interceptCalls(intercepting(here));
    }
    String endpoint = transport.endpoint(directory);
    try (Messenger server = service.listen(endpoint).build();
        Messenger client = caller.build()) {
      closes.complete(serving ? server : client);
      place.use(new Nodes(server, client, client.connect(endpoint), here));

      assertThat(Await.result(here.took)).as("close() returned").isLessThan(MOST_TO_RETURN);
      assertThat(Await.result(here.interrupted)).as("its thread was interrupted").isFalse();
      assertThat(closes.join().closed().toCompletableFuture()).succeedsWithin(MOST_TO_CLOSE);
    }
  }

  private static final class Closing implements Runnable {
    private final CompletableFuture<Messenger> messenger;
    private final AtomicBoolean done = new AtomicBoolean();
    private final CompletableFuture<Duration> took = new CompletableFuture<>();
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();

    Closing(CompletableFuture<Messenger> messenger) {
      this.messenger = messenger;
    }

    @Override
    public void run() {
      if (done.getAndSet(true)) {
        return;
      }
      long start = System.nanoTime();
      messenger.join().close();
      took.complete(Duration.ofNanos(System.nanoTime() - start));
      try {
        var unused = new CountDownLatch(1).await(REST_MILLIS, TimeUnit.MILLISECONDS);
        interrupted.complete(Thread.currentThread().isInterrupted());
      } catch (InterruptedException e) {
        interrupted.complete(true);
      }
    }
  }

  private static Interceptor intercepting(Runnable here) {
    return new Interceptor() {
      @Override
      public CompletionStage<Message> unary(
          CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
        return next.apply(message)
            .thenApply(
                reply -> {
                  here.run();
                  return reply;
                });
      }
    };
  }

  private static String echo(Nodes nodes, String text) {
    nodes.here().run();
    return text;
  }

  private static void request(Nodes nodes, Handler.Simple<String, String> handler) {
    nodes.server().handle("ask", String.class, handler);
    var unused = nodes.remote().request("ask", "x", String.class);
  }

  private static void requestInPlace(Nodes nodes) {
    nodes
        .server()
        .with(HandlerOptions.nonBlocking())
        .handle("ask", String.class, text -> echo(nodes, text));
    var unused = nodes.remote().request("ask", "x", String.class);
  }

  private static void requestAsync(Nodes nodes) {
    nodes
        .server()
        .handleAsync(
            "ask",
            String.class,
            (text, call) -> CompletableFuture.completedFuture(echo(nodes, text)));
    var unused = nodes.remote().request("ask", "x", String.class);
  }

  private static void send(Nodes nodes) {
    nodes.server().handleSend("tell", String.class, text -> nodes.here().run());
    var unused = nodes.remote().send("tell", "x");
  }

  private static void stream(Nodes nodes) {
    nodes
        .server()
        .handleStream(
            "count",
            String.class,
            (String text) -> {
              nodes.here().run();
              return Source.numbers(3);
            });
    Items.of(nodes.remote().stream("count", "x", Long.class));
  }

  private static void answers(Nodes nodes) {
    nodes
        .server()
        .handleStream("count", String.class, (String text) -> closingSource(nodes.here()));
    Items.of(nodes.remote().stream("count", "x", Long.class));
  }

  private static Source<Long> closingSource(Runnable here) {
    return Source.of(
        3,
        n -> {
          here.run();
          return n;
        });
  }

  private static void channel(Nodes nodes) {
    nodes
        .server()
        .handleChannel(
            "sum",
            Long.class,
            (values, call) -> {
              nodes.here().run();
              return values;
            });
    Items.of(nodes.remote().channel("sum", Source.numbers(3), Long.class));
  }

  private static void values(Nodes nodes) {
    CompletableFuture<Items<Long>> answers = new CompletableFuture<>();
    nodes
        .server()
        .handleChannel(
            "sum",
            Long.class,
            (values, call) -> {
              values.subscribe(
                  Items.all(
                      n -> {
                        nodes.here().run();
                        answers.join().cancel();
                      }));
              return Source.silent();
            });
    answers.complete(Items.of(nodes.remote().channel("sum", Source.numbers(3), Long.class)));
  }

  private static void ownSubscription(Nodes nodes) {
    nodes.server().subscribe("news", String.class, text -> nodes.here().run());
    var unused = nodes.remote().publish("news", "x");
  }

  private static void cancel(Nodes nodes) {
    CompletableFuture<Void> there = new CompletableFuture<>();
    nodes
        .server()
        .handleAsync(
            "never",
            String.class,
            (text, call) -> {
              CompletableFuture<String> reply = new CompletableFuture<>();
              call.onCancel(
                  () -> {
                    nodes.here().run();
                    reply.complete("");
                  });
              there.complete(null);
              return reply;
            });
    CompletableFuture<String> call = nodes.remote().request("never", "x", String.class);
    Await.result(there);
    call.cancel(true);
  }

  private static void pathOfPeer(Nodes nodes) {
    Await.result(nodes.remote().connect());
    Await.until("the peer is known", () -> !nodes.server().peers().isEmpty());
    nodes.server().peers().get(0).onPathEvent(event -> nodes.here().run());
    nodes.client().close();
  }

  private static void afterRequest(Nodes nodes) {
    nodes.server().handle("ask", String.class, text -> text);
    var unused =
        nodes.remote().request("ask", "x", String.class).thenAccept(text -> nodes.here().run());
  }

  private static void afterSend(Nodes nodes) {
    nodes.server().handleSend("tell", String.class, text -> {});
    var unused = nodes.remote().send("tell", "x").thenRun(nodes.here());
  }

  private static void afterPublish(Nodes nodes) {
    var unused = nodes.remote().publish("news", "x").thenRun(nodes.here());
  }

  private static void afterFailure(Nodes nodes) {
    var unused =
        nodes
            .remote()
            .request("nobody", "x", String.class)
            .whenComplete((reply, failure) -> nodes.here().run());
  }

  private static void items(Nodes nodes, boolean withFirst) {
    nodes.server().handleStream("count", String.class, (String text) -> Source.numbers(3));
    Items<Long> items = withFirst ? Items.all(n -> nodes.here().run()) : Items.all();
    if (!withFirst) {
      var unused = items.end().thenRun(nodes.here());
    }
    nodes.remote().stream("count", "x", Long.class).subscribe(items);
  }

  private static void ownValues(Nodes nodes) {
    nodes.server().handleChannel("sum", Long.class, (values, call) -> values);
    Items.of(nodes.remote().channel("sum", closingSource(nodes.here()), Long.class));
  }

  private static void subscription(Nodes nodes) {
    Await.result(
        nodes
            .remote()
            .subscribe(
                "news", String.class, (Subscriber.Simple<String>) text -> nodes.here().run()));
    var unused = nodes.server().publish("news", "x");
  }

  private static void afterSubscribe(Nodes nodes) {
    var unused =
        nodes
            .remote()
            .subscribe("news", String.class, (Subscriber.Simple<String>) text -> {})
            .thenRun(nodes.here());
  }

  private static void path(Nodes nodes) {
    nodes.remote().onPathEvent(event -> nodes.here().run());
    var unused = nodes.remote().connect();
  }
}
