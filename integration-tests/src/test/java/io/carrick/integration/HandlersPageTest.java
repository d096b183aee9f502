package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.Handlers;
import io.carrick.Registration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
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
}
