package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Message;
import io.carrick.Priority;
import io.carrick.Remote;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The Javadoc of Remote.within and of Call.replyHeader: calls that are made to answer others. */
@OverEachTransport
final class WithinPageTest extends Semantics {

  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final CompletableFuture<Call> behind = new CompletableFuture<>();

  WithinPageTest(TestTransport transport) {
    super(transport);
  }

  /** Calls "front", whose handler calls "back" at the node that called it; what that sees. */
  private Call seenBehind(CallOptions options, UnaryOperator<Remote> view) {
    client.handle(
        "back",
        String.class,
        (text, call) -> {
          behind.complete(call);
          return text;
        });
    server.handle(
        "front",
        String.class,
        (text, call) -> view.apply(call.peer().within(call)).call("back", text, String.class));
    assertThat(await(remote.with(options).request("front", "x", String.class))).isEqualTo("x");
    return await(behind);
  }

  @Test
  void aCallWithinAnotherInheritsDeadlinePriorityAndTrace() {
    Call seen =
        seenBehind(
            CallOptions.DEFAULT
                .withDeadline(Duration.ofSeconds(20))
                .withPriority(Priority.HIGH)
                .withHeader("traceparent", PARENT)
                .withHeader("tracestate", "a=1")
                .withHeader("user", "ada"),
            within -> within);

    assertThat(seen.remaining().orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(20));
    assertThat(seen.priority()).isEqualTo(Priority.HIGH);
    assertThat(seen.headers().first("traceparent")).contains(PARENT);
    assertThat(seen.headers().first("tracestate")).contains("a=1");
    assertThat(seen.headers().first("user")).isEmpty();
  }

  @Test
  void optionsOfItsOwnComeFirst() {
    Call seen =
        seenBehind(
            CallOptions.DEFAULT
                .withDeadline(Duration.ofSeconds(20))
                .withPriority(Priority.HIGH)
                .withHeader("traceparent", PARENT)
                .withHeader("tracestate", "a=1"),
            within ->
                within.with(
                    CallOptions.DEFAULT
                        .withDeadline(Duration.ofSeconds(5))
                        .withPriority(Priority.BULK)
                        .withHeader("traceparent", "mine")));

    assertThat(seen.remaining().orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(5));
    assertThat(seen.priority()).isEqualTo(Priority.BULK);
    assertThat(seen.headers().first("traceparent")).contains("mine");
    assertThat(seen.headers().first("tracestate")).isEmpty();
  }

  @Test
  void withoutItNothingIsInherited() {
    client.handle(
        "back",
        String.class,
        (text, call) -> {
          behind.complete(call);
          return text;
        });
    server.handle(
        "front", String.class, (text, call) -> call.peer().call("back", text, String.class));
    CallOptions options =
        CallOptions.DEFAULT.withPriority(Priority.HIGH).withHeader("traceparent", PARENT);
    await(
        remote
            .with(options.withDeadline(Duration.ofSeconds(20)))
            .request("front", "x", String.class));

    Call seen = await(behind);
    assertThat(seen.remaining().orElseThrow()).isGreaterThan(Duration.ofSeconds(20));
    assertThat(seen.priority()).isEqualTo(Priority.NORMAL);
    assertThat(seen.headers().isEmpty()).isTrue();
  }

  @Test
  void theDeadlineIsWhatIsLeftWhenItIsMade() {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    client.handleAsync("back", String.class, text -> new CompletableFuture<String>());
    server.handle(
        "front",
        String.class,
        (text, call) -> {
          Remote within = call.peer().within(call);
          assertThat(within.options().deadline()).isLessThanOrEqualTo(Duration.ofSeconds(1));
          try {
            return within.call("back", text, String.class);
          } catch (DeadlineExceededException e) {
            failure.complete(e);
            throw e;
          }
        });
    await(remote.connect());

    Failures.in(
        remote.withDeadline(Duration.ofSeconds(1)).request("front", "x", String.class),
        DeadlineExceededException.class);

    assertThat(await(failure)).hasMessageContaining("request back: its deadline passed");
  }

  @Test
  void aReplyHasTheHeadersThatItsHandlerGaveIt() {
    server.handle(
        "plain",
        String.class,
        (text, call) -> {
          call.replyHeader("etag", "17");
          call.replyHeader("etag", "18");
          return text;
        });
    server.handleAsync(
        "later",
        String.class,
        (text, call) ->
            CompletableFuture.supplyAsync(
                () -> {
                  call.replyHeader("etag", "17");
                  return Message.ofText(text);
                }));
    server.handle(
        "empty",
        String.class,
        (text, call) -> {
          call.replyHeader("etag", "17");
          return null;
        });

    Message plain = await(remote.request("plain", "x", Message.class));
    assertThat(plain.headers().entries())
        .extracting(e -> e.name() + "=" + e.value())
        .containsExactly("etag=17", "etag=18");
    assertThat(client.decode(plain, String.class)).isEqualTo("x");
    for (String topic : new String[] {"later", "empty"}) {
      assertThat(await(remote.request(topic, "x", Message.class)).headers().first("etag"))
          .as(topic)
          .contains("17");
    }
    assertThat(await(remote.request("empty", "x", Void.class))).isNull();
    assertThat(await(remote.request("plain", "x", String.class))).isEqualTo("x");
  }

  @Test
  void whatHasNoReplyHasNoHeaderOfIt() {
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    server.handleSend(
        "log",
        String.class,
        (text, call) -> {
          try {
            call.replyHeader("a", "1");
          } catch (IllegalStateException e) {
            refused.complete(e);
          }
        });

    await(remote.send("log", "x"));

    assertThat(await(refused))
        .hasMessage("SEND log has no reply whose header it could be: only requests have");
  }
}
