package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer.Action;
import io.carrick.Call;
import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.Flows;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Priority;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of Interceptor.around and of CallContext. Other promises of Interceptor are in
 * AccessSemanticsTest, those of deadlines and cancels in DeadlineSemanticsTest.
 */
@OverEachTransport
final class InterceptorPageTest extends Semantics {

  private static final ThreadLocal<String> SCOPE = new ThreadLocal<>();

  InterceptorPageTest(TestTransport transport) {
    super(transport);
  }

  /** As a module for traces does: what begins around the call is a scope around the handler. */
  private static final class Scopes implements Interceptor {

    static Messenger.Builder setUp(Messenger.Builder builder) {
      return builder.interceptHandlers(new Scopes());
    }

    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      call.attributes().put("span", "span of " + call.action());
      return next.apply(message);
    }

    @Override
    public Flow.Publisher<Message> stream(
        CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
      call.attributes().put("span", "span of " + call.action());
      return next.apply(message);
    }

    @Override
    public Flow.Publisher<Message> channel(
        CallContext call,
        Flow.Publisher<Message> values,
        Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
      call.attributes().put("span", "span of " + call.action());
      return next.apply(values);
    }

    @Override
    public <T> T around(Call call, Callable<T> handler) throws Exception {
      SCOPE.set(String.valueOf(call.attributes().get("span")));
      try {
        return handler.call();
      } finally {
        SCOPE.remove();
      }
    }
  }

  @Test
  void itStandsAroundTheHandlerOfEachPatternOnItsThread() {
    restart(b -> b.apply(Scopes::setUp), b -> b);
    Map<String, String> seen = new ConcurrentHashMap<>();
    server.handle("request", String.class, text -> seen.put("request", SCOPE.get()));
    server.handleAsync(
        "async",
        String.class,
        text -> {
          seen.put("async", SCOPE.get());
          return CompletableFuture.completedFuture(text);
        });
    server.handleSend("send", String.class, text -> seen.put("send", SCOPE.get()));
    server.handleStream(
        "stream",
        String.class,
        text -> {
          seen.put("stream", SCOPE.get());
          return Flows.of(List.of(text));
        });
    server.handleChannel(
        "channel",
        String.class,
        values -> {
          seen.put("channel", SCOPE.get());
          return values;
        });
    server.subscribe("news", String.class, text -> seen.put("subscribe", SCOPE.get()));
    server.subscribe("own", String.class, text -> seen.put("own", SCOPE.get()));

    await(remote.request("request", "x", Void.class));
    await(remote.request("async", "x", String.class));
    await(remote.send("send", "x"));
    Items.of(remote.stream("stream", "x", String.class)).complete();
    Items.of(remote.channel("channel", Flows.of(List.of("x")), String.class)).complete();
    await(remote.publish("news", "x"));
    await(server.publish("own", "x"));

    Await.until("all were handled", () -> seen.size() == 7);
    assertThat(seen)
        .isEqualTo(
            Map.of(
                "request", "span of REQUEST",
                "async", "span of REQUEST",
                "send", "span of SEND",
                "stream", "span of STREAM",
                "channel", "span of CHANNEL",
                "subscribe", "span of PUBLISH",
                "own", "null"));
  }

  @Test
  void whatItThrowsAroundAHandlerIsAsIfThatHadThrownIt() {
    Interceptor closed =
        new Interceptor() {
          @Override
          public <T> T around(Call call, Callable<T> handler) throws Exception {
            if (call.topic().equals("busy")) {
              throw OverloadedException.retryAfter(
                  Delivered.NO, "busy: wait 2 s", Duration.ofSeconds(2));
            }
            T result = handler.call();
            throw new CallException(StatusCode.ABORTED, "closed after " + result);
          }
        };
    restart(b -> b.interceptHandlers(closed), b -> b);
    server.handle("busy", String.class, text -> text);
    server.handle("open", String.class, text -> text);

    OverloadedException busy =
        Failures.in(remote.request("busy", "x", String.class), OverloadedException.class);
    Failures.check(busy, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO, "busy: wait 2 s");
    assertThat(busy.retryAfter()).contains(Duration.ofSeconds(2));
    Failures.in(
        remote.request("open", "x", String.class),
        StatusCode.ABORTED,
        Delivered.YES,
        "closed after x");
  }

  /** Makes a call again after its first failure, and keeps what it was told. */
  private static final class Again implements Interceptor {
    private final List<Integer> attempts = new CopyOnWriteArrayList<>();
    private final List<CallContext> contexts = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      contexts.add(call);
      return next.apply(message)
          .handle((reply, failure) -> Optional.ofNullable(reply))
          .thenCompose(
              reply ->
                  reply
                      .<CompletionStage<Message>>map(CompletableFuture::completedStage)
                      .orElseGet(() -> next.apply(message)));
    }
  }

  @Test
  void bothSidesKnowTheCall() {
    Again again = new Again();
    Interceptor inner =
        new Interceptor() {
          @Override
          public CompletionStage<Message> unary(
              CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
            again.attempts.add(call.attempt());
            return next.apply(message);
          }
        };
    restart(b -> b, b -> b.interceptCalls(again).interceptCalls(inner));
    List<Call> served = new CopyOnWriteArrayList<>();
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    server.handle(
        "test",
        String.class,
        (text, call) -> {
          served.add(call);
          attempts.add(call.attempt());
          if (served.size() == 1) {
            throw new CallException(StatusCode.UNAVAILABLE, "not yet");
          }
          return text;
        });
    await(remote.connect());

    await(
        remote
            .with(Requirements.NONE.idempotent())
            .with(
                CallOptions.DEFAULT
                    .withDeadline(Duration.ofSeconds(20))
                    .withPriority(Priority.HIGH)
                    .withHeader("a", "1"))
            .request("test", "x", String.class));

    CallContext made = again.contexts.get(0);
    assertThat(made.action()).isEqualTo(Action.REQUEST);
    assertThat(made.topic()).isEqualTo("test");
    assertThat(made.serving()).isFalse();
    assertThat(made.service()).contains("server");
    assertThat(made.instance()).contains(server.instance());
    assertThat(made.headers().first("a")).contains("1");
    assertThat(made.priority()).isEqualTo(Priority.HIGH);
    assertThat(made.idempotent()).isTrue();
    assertThat(made.remaining().orElseThrow()).isBetween(Duration.ZERO, Duration.ofSeconds(20));
    assertThat(again.attempts).containsExactly(1, 2);
    assertThat(attempts).containsExactly(1, 2);
    Call call = served.get(0);
    assertThat(call.action()).isEqualTo(Action.REQUEST);
    assertThat(call.topic()).isEqualTo("test");
    assertThat(call.serving()).isTrue();
    assertThat(call.service()).contains("client");
    assertThat(call.instance()).contains(client.instance());
    assertThat(call.headers().first("a")).contains("1");
    assertThat(call.headers().first(CallContext.ATTEMPT_HEADER)).isEmpty();
    assertThat(call.priority()).isEqualTo(Priority.HIGH);
    assertThat(call.idempotent()).isFalse();
  }
}
