package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer;
import io.carrick.Call;
import io.carrick.CallContext;
import io.carrick.HandlerOptions;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.testkit.Await;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * docs/concurrency.md: which thread runs what of the application. That readers wait for nothing is
 * in HandlerOptionsPageTest and BuilderPageTest, that callers read for themselves in
 * CallerReadsTest, that threads end in LeakTest and OpenAndCloseTest.
 */
@OverEachTransport
final class ConcurrencyPageTest extends Semantics {

  private static final String HANDLER = "carrick-handler-server-";
  private static final String SERVER_CALLBACK = "carrick-callback-server-";
  private static final String CLIENT_CALLBACK = "carrick-callback-client-";

  private final Map<String, Thread> threads = new ConcurrentHashMap<>();

  ConcurrencyPageTest(TestTransport transport) {
    super(transport);
  }

  /** What code of the application runs on, by what it is. */
  private <T> T ran(String what, T value) {
    threads.putIfAbsent(what, Thread.currentThread());
    return value;
  }

  private void assertRanOn(String what, String prefix) {
    Await.until(what + " runs", () -> threads.containsKey(what));
    Thread thread = threads.get(what);
    assertThat(thread.getName()).as("the thread of %s", what).startsWith(prefix);
    assertThat(thread.isDaemon()).as("the thread of %s is a daemon", what).isTrue();
  }

  private String reader() {
    return switch (transport) {
      case MEMORY -> "carrick-memory-";
      case UNIX -> "carrick-unix-";
      case GRPC, GRPCS -> "carrick-grpc-";
      case HTTP, HTTPS, WS, WSS -> "carrick-http"; // A port reads, or who dialled.
      case MQTT -> "carrick-mqtt-";
    };
  }

  /** Notes its threads, and goes on. */
  private final class Noting implements Interceptor {
    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      return next.apply(ran("the interceptor of a " + call.action(), message));
    }
  }

  @Test
  void readersRunWhatIsMarkedAsNonBlockingAndInterceptorsOfSendsAndPublishes() {
    restart(
        b ->
            b.authorizer(
                    Authorizer.nonBlocking(
                        (principal, action, topic) -> ran("the authorizer of " + action, true)))
                .interceptHandlers(new Noting()),
        b -> b);
    server.handle("topic", String.class, text -> text);
    server
        .with(HandlerOptions.nonBlocking())
        .handle("fast", String.class, text -> ran("a nonBlocking handler", text));
    server.handleSend("topic", String.class, text -> {});

    await(remote.request("topic", "x", String.class));
    await(remote.request("fast", "x", String.class));
    await(remote.send("topic", "x"));
    await(remote.publish("topic", "x"));

    assertRanOn("the authorizer of REQUEST", reader());
    assertRanOn("the authorizer of SEND", reader());
    assertRanOn("the interceptor of a SEND", reader());
    assertRanOn("the interceptor of a PUBLISH", reader());
    assertRanOn("a nonBlocking handler", reader());
  }

  @Test
  void anAuthorizerThatMayBlockHasThreadsOfItsOwn() {
    restart(
        b -> b.authorizer((principal, action, topic) -> ran("the authorizer of " + action, true)),
        b -> b);
    server.handle("topic", String.class, text -> text);
    server
        .with(HandlerOptions.nonBlocking())
        .handle("fast", String.class, text -> ran("a nonBlocking handler", text));
    server.handleSend("topic", String.class, text -> {});

    await(remote.request("topic", "x", String.class));
    await(remote.request("fast", "x", String.class));
    await(remote.send("topic", "x"));
    await(remote.subscribe("topic", String.class, text -> {}));
    await(remote.publish("topic", "x"));

    for (String action : List.of("REQUEST", "SEND", "SUBSCRIBE", "PUBLISH", "RECEIVE")) {
      assertRanOn("the authorizer of " + action, "carrick-check-server-");
    }
    assertRanOn("a nonBlocking handler", "carrick-check-server-");
  }

  @Test
  void anApplicationsThreadThatPublishesAsksTheAuthorizerForEachPeer() {
    restart(
        b ->
            b.authorizer(
                (principal, action, topic) ->
                    action != Authorizer.Action.RECEIVE || ran("RECEIVE", true)),
        b -> b);
    CompletableFuture<String> seen = new CompletableFuture<>();
    await(remote.subscribe("news", String.class, seen::complete));

    await(server.publish("news", "x"));

    assertThat(await(seen)).isEqualTo("x");
    assertThat(threads).containsEntry("RECEIVE", Thread.currentThread());
  }

  @Test
  void handlersHaveThreadsOfTheirOwn() {
    restart(b -> b.interceptHandlers(new Noting()), b -> b);
    server.handle("topic", String.class, text -> ran("a handler of requests", text));
    server.handleSend("topic", String.class, text -> ran("a handler of messages", text));
    server.handleStream(
        "topic",
        String.class,
        text -> ran("a handler of streams", Source.<String>of(1, i -> text)));
    server.handleChannel(
        "topic",
        String.class,
        (values, call) -> ran("a handler of channels", Source.<String>of(1, i -> "x")));
    server.subscribe("topic", String.class, text -> ran("a subscription of the node", text));

    await(remote.request("topic", "x", String.class));
    await(remote.send("topic", "x"));
    await(remote.publish("topic", "x"));
    Items.of(remote.stream("topic", "x", String.class)).complete();
    Items.of(remote.channel("topic", Source.<String>silent(), String.class)).complete();

    assertRanOn("the interceptor of a REQUEST", HANDLER);
    assertRanOn("a handler of requests", HANDLER);
    assertRanOn("a handler of messages", HANDLER);
    assertRanOn("a handler of streams", HANDLER);
    assertRanOn("a handler of channels", HANDLER);
    assertRanOn("a subscription of the node", HANDLER);
  }

  @Test
  void callbacksRunWhatHandlersMayWaitFor() {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    server.handleAsync(
        "never",
        String.class,
        (String text, Call call) -> {
          CompletableFuture<String> late = new CompletableFuture<>();
          call.onCancel(() -> late.complete(ran("what hears of a cancel", text)));
          reached.complete(null);
          return late;
        });
    server.handleStream("items", String.class, text -> Source.<String>of(3, i -> text));
    server.handleChannel(
        "values",
        String.class,
        (Flow.Publisher<String> values, Call call) -> {
          values.subscribe(Items.all(value -> ran("who reads the values of a channel", value)));
          return Source.<String>silent();
        });
    CompletableFuture<String> reply = new CompletableFuture<>();
    server.handleAsync("later", String.class, (text, call) -> reply);
    remote.onPathEvent(event -> ran("a listener of path events", event));

    await(remote.subscribe("news", String.class, text -> ran("a subscriber", text)));
    await(server.publish("news", "x"));
    CompletableFuture<String> later = remote.request("later", "x", String.class);
    CompletableFuture<String> continued = later.thenApply(text -> ran("a continuation", text));
    reply.complete("done");
    Await.until("it is continued", continued::isDone);
    Items<String> items = Items.all(item -> ran("who reads the items of a stream", item));
    remote.stream("items", "x", String.class).subscribe(items);
    items.complete();
    Items<String> channel = Items.all();
    remote.channel("values", Source.of(3, i -> "v"), String.class).subscribe(channel);
    CompletableFuture<String> never = remote.request("never", "x", String.class);
    await(reached);
    never.cancel(true);

    assertRanOn("a listener of path events", CLIENT_CALLBACK);
    assertRanOn("a subscriber", CLIENT_CALLBACK);
    assertRanOn("a continuation", CLIENT_CALLBACK);
    assertRanOn("who reads the items of a stream", CLIENT_CALLBACK);
    assertRanOn("who reads the values of a channel", SERVER_CALLBACK);
    assertRanOn("what hears of a cancel", SERVER_CALLBACK);
    channel.cancel();
  }
}
