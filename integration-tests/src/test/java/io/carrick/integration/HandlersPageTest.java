package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.Flows;
import io.carrick.Handlers;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.SessionLostException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of Handlers and of Call, in its order. Patterns are in their …SemanticsTest, options
 * in HandlerOptionsPageTest, cancels and deadlines in CancelAndDeadlineSemanticsTest.
 */
@OverEachTransport
final class HandlersPageTest extends Semantics {

  HandlersPageTest(TestTransport transport) {
    super(transport);
  }

  /** A handler of each pattern on a topic. */
  private static List<Function<Handlers, Registration>> on(String topic) {
    return List.of(
        h -> h.handle(topic, String.class, text -> "reply"),
        h -> h.handleSend(topic, String.class, text -> {}),
        h -> h.handleStream(topic, String.class, text -> Source.of(1, i -> "item")),
        h -> h.handleChannel(topic, String.class, (values, call) -> values));
  }

  @Test
  void aTopicHasAtMostOneHandlerForEachPatternUntilThatIsClosed() {
    List<Registration> first = on("topic").stream().map(each -> each.apply(server)).toList();

    for (Function<Handlers, Registration> second : on("topic")) {
      assertThatThrownBy(() -> second.apply(server))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("topic topic has a handler");
    }
    assertThat(await(remote.request("topic", "x", String.class))).isEqualTo("reply");
    first.forEach(Registration::close);
    first.forEach(Registration::close);
    assertThat(on("topic").stream().map(each -> each.apply(server))).hasSize(4);
    assertThat(Items.of(remote.stream("topic", "x", String.class)).complete())
        .containsExactly("item");
    // The first are closed already: closing them again harms nobody.
    first.forEach(Registration::close);
    assertThat(await(remote.request("topic", "x", String.class))).isEqualTo("reply");
  }

  @Test
  void aBadTopicOrFilterIsRefused() {
    for (String bad : List.of("", "a b", "a/#", "a//b")) {
      for (Function<Handlers, Registration> each : on(bad)) {
        assertThatThrownBy(() -> each.apply(server))
            .as("\"%s\"", bad)
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    for (String bad : List.of("", "a b", "#/a", "a+")) {
      assertThatThrownBy(() -> server.subscribe(bad, String.class, text -> {}))
          .as("\"%s\"", bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theValuesOfAChannelHaveOneSubscriber() {
    Items<String> second = Items.all();
    server.handleChannel(
        "topic",
        String.class,
        (Flow.Publisher<String> values, Call call) -> {
          values.subscribe(Items.all());
          values.subscribe(second);
          return Source.<String>of(1, i -> "x");
        });

    assertThat(Items.of(remote.channel("topic", Source.<String>silent(), String.class)).complete())
        .containsExactly("x");

    assertThatThrownBy(() -> await(second.end()))
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("have one subscriber: topic");
  }

  @Test
  void theMessageOfAChannelIsEmptyWithTheTopicAndTheHeaders() {
    CompletableFuture<Call> seen = new CompletableFuture<>();
    server.handleChannel(
        "topic",
        String.class,
        (values, call) -> {
          seen.complete(call);
          return Source.<String>of(1, i -> "x");
        });
    Items.of(
            remote
                .with(CallOptions.DEFAULT.withHeader("a", "1"))
                .channel("topic", Source.<String>silent(), String.class))
        .complete();

    Call call = await(seen);

    assertThat(call.message().topic()).isEqualTo("topic");
    assertThat(call.message().headers().first("a")).contains("1");
    assertThat(call.message().toByteArray()).isEmpty();
    assertThat(call.principal().kind()).isEqualTo(transport.principalKind);
    assertThat(call.peer().service()).contains("client");
  }

  @Test
  void whatIsLeftIsNeverNegative() {
    CompletableFuture<Call> seen = new CompletableFuture<>();
    CompletableFuture<Call> over = new CompletableFuture<>();
    server.handleAsync(
        "topic",
        String.class,
        (text, call) -> {
          seen.complete(call);
          CompletableFuture<String> reply = new CompletableFuture<>();
          call.onCancel(
              () -> {
                over.complete(call);
                reply.complete("late");
              });
          return reply;
        });
    await(remote.connect());
    CompletableFuture<String> late =
        remote
            .with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)))
            .request("topic", "x", String.class);
    assertThat(await(seen).remaining().orElseThrow()).isPositive();

    assertThatThrownBy(() -> await(late)).hasMessageContaining("deadline");

    assertThat(await(over).isCancelled()).isTrue();
    assertThat(await(over).remaining().orElseThrow().isNegative()).isFalse();
  }

  @Test
  void aOneWayHandlerSeesTopicHeadersAndCaller() {
    CompletableFuture<Call> seen = new CompletableFuture<>();
    server.handleSend("log/web", String.class, (line, call) -> seen.complete(call));

    await(remote.with(CallOptions.DEFAULT.withHeader("a", "1")).send("log/web", "x"));

    Call call = await(seen);
    assertThat(call.message().topic()).isEqualTo("log/web");
    assertThat(call.message().headers().first("a")).contains("1");
    assertThat(call.message().text()).isEqualTo("x");
    assertThat(call.principal().kind()).isEqualTo(transport.principalKind);
    assertThat(call.peer().service()).contains("client");
  }

  @Test
  void aSubscriptionSeesTopicHeadersAndPublisher() {
    BlockingQueue<Call> seen = new LinkedBlockingQueue<>();
    server.subscribe("prices/#", String.class, (price, call) -> seen.add(call));

    await(remote.with(CallOptions.DEFAULT.withHeader("a", "1")).publish("prices/tin", "29"));
    Call ofPeer = next(seen);
    await(server.publish("prices/zinc", Message.ofText("31").withHeaders(Headers.of("b", "2"))));
    Call own = next(seen);

    assertThat(ofPeer.message().topic()).isEqualTo("prices/tin");
    assertThat(ofPeer.message().headers().first("a")).contains("1");
    assertThat(ofPeer.principal().kind()).isEqualTo(transport.principalKind);
    assertThat(ofPeer.peer().service()).contains("client");
    assertThat(own.message().topic()).isEqualTo("prices/zinc");
    assertThat(own.message().headers().first("b")).contains("2");
    assertThat(own.principal()).isEqualTo(Principal.NONE);
    assertThat(own.remaining()).isEmpty();
    assertThat(own.isCancelled()).isFalse();
    assertThatThrownBy(own::peer)
        .isInstanceOf(SessionLostException.class)
        .hasMessageContaining("server published to prices/zinc itself");
  }

  @Test
  void aSubscriberSeesTopicAndHeaders() {
    BlockingQueue<Message> seen = new LinkedBlockingQueue<>();
    await(remote.subscribe("prices/#", String.class, (price, message) -> seen.add(message)));

    await(server.publish("prices/tin", Message.ofText("29").withHeaders(Headers.of("a", "1"))));

    Message message = next(seen);
    assertThat(message.topic()).isEqualTo("prices/tin");
    assertThat(message.headers().first("a")).contains("1");
    assertThat(message.text()).isEqualTo("29");
  }

  @Test
  void aMessageIsDecodedLater() {
    server.handle("twice", Integer.class, n -> 2 * n);

    Message reply = await(remote.request("twice", 21, Message.class));

    assertThat(client.decode(reply, Integer.class)).isEqualTo(42);
    assertThat(client.decode(reply, Message.class)).isSameAs(reply);
    assertThatThrownBy(() -> client.decode(Message.ofText("x"), Integer.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("no codec for java.lang.Integer from text/plain is installed");
    assertThatThrownBy(() -> client.decode(Message.of("application/json", utf8("{")), Price.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("does not parse as io.carrick.integration.HandlersPageTest$Price");
  }

  private record Price(int cents) {}

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void everyFormMayThrowAnything() {
    CompletableFuture<String> after = new CompletableFuture<>();
    server.handle("a", String.class, text -> thrown(text));
    server.handle("b", String.class, (text, call) -> thrown(text));
    server.handleAsync("c", String.class, text -> CompletableFuture.completedFuture(thrown(text)));
    server.handleSend("d", String.class, text -> after.complete(ifNot("x", text)));
    server.handleStream("f", String.class, text -> Flows.of(List.of(thrown(text))));
    server.handleChannel("g", String.class, values -> Flows.of(List.of(thrown("x"))));

    for (String topic : List.of("a", "b", "c")) {
      assertThatThrownBy(() -> await(remote.request(topic, "x", String.class)))
          .as(topic)
          .hasMessageContaining("handler of " + topic + " failed (IOException)");
    }
    await(remote.send("d", "x"));
    await(remote.send("d", "y"));
    assertThat(await(after)).isEqualTo("y");
    assertThatThrownBy(() -> Items.of(remote.stream("f", "x", String.class)).complete())
        .hasMessageContaining("handler of f failed (IOException)");
    assertThatThrownBy(
            () -> Items.of(remote.channel("g", Source.<String>silent(), String.class)).complete())
        .hasMessageContaining("handler of g failed (IOException)");
  }

  private static String thrown(String text) throws IOException {
    throw new IOException("cannot read " + text);
  }

  private static String ifNot(String bad, String text) throws IOException {
    return text.equals(bad) ? thrown(text) : text;
  }

  private static <T> T next(BlockingQueue<T> queue) {
    try {
      return java.util.Objects.requireNonNull(queue.poll(10, TimeUnit.SECONDS), "nothing came");
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
