package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer;
import io.carrick.Call;
import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Interceptors and authorizers. */
@OverEachTransport
final class AccessSemanticsTest extends Semantics {

  private final AtomicInteger served = new AtomicInteger();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  AccessSemanticsTest(TestTransport transport) {
    super(transport);
  }

  private record Marking(String mark, List<CallContext> contexts) implements Interceptor {
    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      contexts.add(call);
      Message marked = message.withHeaders(message.headers().with("mark", mark));
      return next.apply(marked).thenApply(r -> r.withHeaders(r.headers().with("back", mark)));
    }

    @Override
    public Flow.Publisher<Message> stream(
        CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
      contexts.add(call);
      return next.apply(message.withHeaders(message.headers().with("mark", mark)));
    }

    @Override
    public Flow.Publisher<Message> channel(
        CallContext call,
        Flow.Publisher<Message> values,
        Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
      contexts.add(call);
      return next.apply(values);
    }
  }

  @Test
  void interceptorsStandAroundCallsOnBothSidesTheFirstOutermost() {
    List<CallContext> contexts = new CopyOnWriteArrayList<>();
    restart(
        b ->
            b.interceptHandlers(new Marking("s1", contexts))
                .interceptHandlers(new Marking("s2", contexts)),
        b ->
            b.interceptCalls(new Marking("c1", contexts))
                .interceptCalls(new Marking("c2", contexts)));
    server.handle(
        "test/marks",
        Message.class,
        (Message m, Call call) -> Message.ofText(values(m, "mark").toString()));

    Message reply = await(remote.request("test/marks", "x", Message.class));

    assertThat(reply.text()).isEqualTo("[c1, c2, s1, s2]");
    assertThat(values(reply, "back")).containsExactly("s2", "s1", "c2", "c1");
    assertThat(contexts).hasSize(4).allMatch(c -> c.topic().equals("test/marks"));
    assertThat(contexts).allMatch(c -> c.action() == Authorizer.Action.REQUEST);
    assertThat(contexts).extracting(CallContext::serving).containsExactly(false, false, true, true);
  }

  @Test
  void interceptorsStandAroundEachPattern() {
    List<CallContext> calls = new CopyOnWriteArrayList<>();
    List<CallContext> handlers = new CopyOnWriteArrayList<>();
    restart(
        b -> b.interceptHandlers(new Marking("s", handlers)),
        b -> b.interceptCalls(new Marking("c", calls)));
    handleEach();
    callEach().forEach(Semantics::await);

    assertThat(calls)
        .extracting(CallContext::action)
        .contains(
            Authorizer.Action.REQUEST,
            Authorizer.Action.SEND,
            Authorizer.Action.PUBLISH,
            Authorizer.Action.STREAM,
            Authorizer.Action.CHANNEL,
            Authorizer.Action.SUBSCRIBE);
    assertThat(handlers)
        .extracting(CallContext::action)
        .contains(
            Authorizer.Action.REQUEST,
            Authorizer.Action.SEND,
            Authorizer.Action.STREAM,
            Authorizer.Action.CHANNEL,
            Authorizer.Action.SUBSCRIBE);
  }

  @Test
  void anInterceptorMayRefuseACallOnEitherSide() {
    Interceptor refusing =
        new Interceptor() {
          @Override
          public CompletionStage<Message> unary(
              CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
            throw new CallException(StatusCode.UNAUTHENTICATED, "show your badge");
          }
        };
    restart(b -> b.interceptHandlers(refusing), b -> b);
    handleEach();
    Failures.check(
        Failures.in(remote.request("test/request", "x", String.class), MessagingException.class),
        StatusCode.UNAUTHENTICATED,
        Delivered.YES,
        "show your badge");

    restart(b -> b, b -> b.interceptCalls(refusing));
    handleEach();
    assertThat(
            Failures.in(remote.request("test/request", "x", String.class), MessagingException.class)
                .code())
        .isEqualTo(StatusCode.UNAUTHENTICATED);
    assertThat(served).hasValue(0);
  }

  /** Refuses every call, of each pattern. */
  private record Refusing(MessagingException reason) implements Interceptor {
    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      throw reason;
    }

    @Override
    public Flow.Publisher<Message> stream(
        CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
      throw reason;
    }

    @Override
    public Flow.Publisher<Message> channel(
        CallContext call,
        Flow.Publisher<Message> values,
        Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
      throw reason;
    }
  }

  @Test
  void anInterceptorAroundHandlersCanLimitRates() {
    restart(
        b ->
            b.interceptHandlers(
                new Refusing(
                    OverloadedException.retryAfter(
                        Delivered.NO, "too many calls: wait 1 s", Duration.ofSeconds(1)))),
        b -> b);
    handleEach();

    for (CompletableFuture<?> call : callEach()) {
      OverloadedException failure = Failures.in(call, OverloadedException.class);
      Failures.check(failure, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO, "wait 1 s");
      assertThat(failure.retrySafe()).isTrue();
      assertThat(failure.details()).containsEntry("retry-after-ms", "1000");
      assertThat(failure.retryAfter()).contains(Duration.ofSeconds(1));
    }
    assertThat(served).hasValue(0);
  }

  @Test
  void whatAHandlerFailsWithWasDeliveredBehindInterceptorsToo() {
    restart(b -> b.interceptHandlers(new Marking("s", new ArrayList<>())), b -> b);
    MessagingException notDelivered =
        new CallException(StatusCode.UNAVAILABLE, Delivered.NO, "elsewhere", Map.of(), null);
    server.handle(
        "test/request",
        String.class,
        text -> {
          throw notDelivered;
        });
    server.handleStream(
        "test/stream",
        String.class,
        text -> {
          throw notDelivered;
        });

    Failures.in(
        remote.request("test/request", "x", String.class),
        StatusCode.UNAVAILABLE,
        Delivered.YES,
        "elsewhere");
    Failures.check(
        Items.of(remote.stream("test/stream", "x", String.class)).failure(CallException.class),
        StatusCode.UNAVAILABLE,
        Delivered.YES,
        "elsewhere");
  }

  @Test
  void anInterceptorMayNotChangeTheTopic() {
    Interceptor moving =
        new Interceptor() {
          @Override
          public CompletionStage<Message> unary(
              CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
            return next.apply(message.withTopic("test/other"));
          }

          @Override
          public Flow.Publisher<Message> stream(
              CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
            return next.apply(message.withTopic("test/other"));
          }
        };
    for (boolean serving : List.of(true, false)) {
      restart(
          b -> serving ? b.interceptHandlers(moving) : b,
          b -> serving ? b : b.interceptCalls(moving));
      handleEach();

      for (CompletableFuture<?> call :
          List.of(
              remote.request("test/request", "x", String.class),
              remote.send("test/send", "x"),
              remote.publish("test/publish", "x"),
              Items.of(remote.stream("test/stream", "x", String.class)).end(),
              remote.subscribe("test/subscribe", String.class, text -> {}))) {
        Failures.in(call, StatusCode.FAILED_PRECONDITION, Delivered.NO, "test/other");
      }
    }
    assertThat(served).hasValue(0);
  }

  @Test
  void interceptorsSeeAndChangeTheHeadersOfSubscriptions() {
    List<String> seen = new CopyOnWriteArrayList<>();
    Interceptor looking =
        new Interceptor() {
          @Override
          public Flow.Publisher<Message> stream(
              CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
            seen.add(values(message, "who") + " " + values(message, "mark"));
            return next.apply(message);
          }
        };
    restart(
        b -> b.interceptHandlers(looking),
        b -> b.interceptCalls(new Marking("c", new ArrayList<>())).interceptCalls(looking));
    Remote named = remote.with(CallOptions.DEFAULT.withHeader("who", "me"));

    await(named.subscribe("test/subscribe", String.class, text -> {}));
    Items.of(named.subscription("test/subscribe", String.class));

    Await.until(() -> seen.toString(), Await.LONG_ENOUGH, () -> seen.size() == 4);
    assertThat(seen).allMatch("[me] [c]"::equals);
  }

  @Test
  void anInterceptorMayAnswerByItself() {
    restart(
        b -> b,
        b ->
            b.interceptCalls(
                new Interceptor() {
                  @Override
                  public CompletionStage<Message> unary(
                      CallContext call,
                      Message message,
                      Function<Message, CompletionStage<Message>> next) {
                    return CompletableFuture.completedFuture(Message.ofText("from the cache"));
                  }
                }));

    assertThat(await(remote.request("no/such", "x", String.class))).isEqualTo("from the cache");
  }

  @Test
  void whatTheAuthorizerRefusesIsNotDelivered() {
    restart(
        b ->
            b.authorizer(
                (principal, action, topic) -> {
                  asked.add(principal.kind() + " " + action + " " + topic);
                  return false;
                }),
        b -> b);
    handleEach();

    for (CompletableFuture<?> call : callEach()) {
      CallException failure = Failures.in(call, CallException.class);
      Failures.check(failure, StatusCode.PERMISSION_DENIED, Delivered.NO, "test/");
    }
    assertThat(served).hasValue(0);
    String kind = transport.principalKind;
    assertThat(asked)
        .contains(
            kind + " REQUEST test/request",
            kind + " SEND test/send",
            kind + " PUBLISH test/publish",
            kind + " STREAM test/stream",
            kind + " CHANNEL test/channel",
            kind + " SUBSCRIBE test/subscribe");
  }

  @Test
  void theAuthorizerLooksAtEachMessageOfASubscription() {
    List<String> seen = new CopyOnWriteArrayList<>();
    restart(
        b ->
            b.authorizer(
                (principal, action, topic) ->
                    action != Authorizer.Action.RECEIVE || !topic.startsWith("orders/secret")),
        b -> b);
    await(remote.subscribe("orders/#", String.class, seen::add));

    await(server.publish("orders/secret/1", "secret"));
    await(server.publish("orders/open/1", "open"));

    io.carrick.testkit.Await.until("the open message", () -> !seen.isEmpty());
    assertThat(seen).containsExactly("open");
  }

  @Test
  void aHandlerKnowsItsCaller() {
    CompletableFuture<Principal> principal = new CompletableFuture<>();
    server.handle(
        "test/who",
        String.class,
        (String text, Call call) -> {
          principal.complete(call.principal());
          return call.peer().service().orElse("?");
        });

    assertThat(await(remote.request("test/who", "x", String.class))).isEqualTo("client");
    assertThat(remote.service()).contains("server");
    assertThat(remote.instance()).contains(server.instance());
    if (transport == TestTransport.UNIX) {
      assertThat(await(principal))
          .isEqualTo(new Principal("unix", System.getProperty("user.name")));
    } else {
      assertThat(await(principal).kind()).isEqualTo(transport.principalKind);
    }
  }

  private static List<String> values(Message message, String name) {
    return message.headers().entries().stream()
        .filter(entry -> entry.name().equals(name))
        .map(io.carrick.Headers.Entry::value)
        .toList();
  }

  private void handleEach() {
    server.handle("test/request", String.class, text -> "r" + served.incrementAndGet());
    server.handleSend("test/send", String.class, text -> served.incrementAndGet());
    server.subscribe("test/publish", String.class, text -> served.incrementAndGet());
    server.handleStream(
        "test/stream", String.class, text -> Source.numbers(served.incrementAndGet()));
    server.handleChannel(
        "test/channel",
        Long.class,
        (values, call) -> {
          served.incrementAndGet();
          return ChannelSemanticsTest.sums(values);
        });
  }

  private List<CompletableFuture<?>> callEach() {
    return List.of(
        remote.request("test/request", "x", String.class),
        remote.send("test/send", "x"),
        remote.publish("test/publish", "x"),
        end(remote.stream("test/stream", "x", Long.class)),
        end(remote.channel("test/channel", Source.numbers(2), Long.class)),
        remote.subscribe("test/subscribe", String.class, text -> {}));
  }

  private static CompletableFuture<Void> end(Flow.Publisher<Long> publisher) {
    Items<Long> items = Items.of(publisher);
    return items.end();
  }
}
