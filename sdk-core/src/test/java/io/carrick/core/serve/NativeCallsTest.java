package io.carrick.core.serve;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Authorizer;
import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.Collecting;
import io.carrick.core.RangePublisher;
import io.carrick.core.flow.MappedPublisher;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Interceptors;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import io.carrick.core.session.auth.Tokens;
import io.carrick.spi.Calls;
import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NativeCallsTest {

  private static final Principal ALICE = new Principal("tls", "alice");

  private final ApplicationExecutor tasks = ApplicationExecutor.create("test");
  private final Delays delays = new Delays("test");
  private final Authorizer authorizer =
      Authorizer.nonBlocking(
          (principal, action, topic) ->
              !topic.equals("secret") || principal.equals(Principal.NONE));
  private final Router router = router(List.of());
  private final HandlerRegistry handlers = new HandlerRegistry(router, HandlerOptions.DEFAULT);
  private final Calls calls = new NativeCalls(router, delays, SecurityLevel.NONE, Tokens.NONE);

  private Router router(List<Interceptor> interceptors) {
    return new Router(
        "test",
        tasks,
        Codecs.with(List.of()),
        authorizer,
        new Interceptors(interceptors),
        4 << 20,
        () -> {});
  }

  @AfterEach
  void close() {
    delays.close();
    tasks.close(0);
  }

  private static Message text(String topic, String text) {
    return Message.ofText(text).withTopic(topic);
  }

  private static Flow.Publisher<Message> subscribe(Calls by, String filter) throws Exception {
    return by.subscribe(ALICE, Message.empty().withTopic(filter))
        .toCompletableFuture()
        .get(5, SECONDS);
  }

  @Test
  void requestReachesTheSameHandlerWithItsPrincipal() throws Exception {
    handlers.handle("who", String.class, (name, call) -> name + " is " + call.principal());

    Message reply = calls.request(ALICE, text("who", "she")).toCompletableFuture().get(5, SECONDS);

    assertThat(reply.text()).isEqualTo("she is tls:alice");
  }

  @Test
  void sendAndPublishArrive() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    handlers.handleSend("note", String.class, seen::add);
    handlers.subscribe("news/#", String.class, seen::add);

    calls.send(ALICE, text("note", "one")).toCompletableFuture().get(5, SECONDS);
    assertThat(seen.poll(5, SECONDS)).isEqualTo("one");
    calls.publish(ALICE, text("news/a", "two")).toCompletableFuture().get(5, SECONDS);
    assertThat(seen.poll(5, SECONDS)).isEqualTo("two");
  }

  @Test
  void streamAndChannelGiveMessages() throws Exception {
    handlers.handleStream("count", Integer.class, n -> new RangePublisher(n));
    handlers.handleChannel(
        "twice", Integer.class, (values, call) -> new MappedPublisher<>(values, n -> n * 2));

    List<Message> counted = Collecting.all(calls.stream(ALICE, text("count", "3"))).get(5, SECONDS);
    List<Message> doubled =
        Collecting.all(
                calls.channel(
                    ALICE,
                    Message.empty().withTopic("twice"),
                    new MappedPublisher<Integer, Message>(
                        new RangePublisher(3), n -> Message.ofText("" + n))))
            .get(5, SECONDS);

    assertThat(counted).extracting(Message::text).containsExactly("0", "1", "2");
    assertThat(doubled).extracting(Message::text).containsExactly("0", "2", "4");
  }

  @Test
  void subscriberGetsWhatItAskedForInOrder() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Flow.Subscription[] subscription = new Flow.Subscription[1];
    subscribe(calls, "news")
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription s) {
                subscription[0] = s;
                s.request(1);
              }

              @Override
              public void onNext(Message item) {
                seen.add(item.text());
              }

              @Override
              public void onError(Throwable failure) {
                seen.add(String.valueOf(failure));
              }

              @Override
              public void onComplete() {}
            });

    for (String news : List.of("a", "b", "c")) {
      calls.publish(ALICE, text("news", news)).toCompletableFuture().get(5, SECONDS);
    }
    assertThat(seen).containsExactly("a");
    subscription[0].request(2);
    assertThat(seen).containsExactly("a", "b", "c");
    subscription[0].request(-1);
    assertThat(seen).last().asString().contains("IllegalArgumentException").contains("rule 3.9");
  }

  @Test
  void deniedCallFails() {
    handlers.handle("secret", String.class, (text, call) -> "told");

    assertThatThrownBy(
            () -> calls.request(ALICE, text("secret", "?")).toCompletableFuture().get(5, SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            CallException.class, e -> assertThat(e.code()).isEqualTo(StatusCode.PERMISSION_DENIED));
  }

  @Test
  void soManyCallsOfOnePeerWaitForAnAuthorizerAndFurtherOnesAreRefused() throws Exception {
    CompletableFuture<Void> go = new CompletableFuture<>();
    AtomicInteger asked = new AtomicInteger();
    Router slow =
        new Router(
            "test",
            tasks,
            Codecs.with(List.of()),
            (principal, action, topic) -> {
              asked.incrementAndGet();
              go.join();
              return true;
            },
            new Interceptors(List.of()),
            4 << 20,
            () -> {});
    new HandlerRegistry(slow, HandlerOptions.DEFAULT.withWaiting(2_000))
        .handle("echo", String.class, text -> text);
    Calls all = new NativeCalls(slow, delays, SecurityLevel.NONE, Tokens.NONE);
    Calls peer = all.ofPeer();
    List<CompletableFuture<Message>> calls = new ArrayList<>();
    for (int i = 0; i < Authorizer.MAX_RUNNING + Authorizer.MAX_WAITING; i++) {
      calls.add(peer.request(ALICE, text("echo", "x")).toCompletableFuture());
    }

    assertThatThrownBy(
            () -> peer.request(ALICE, text("echo", "x")).toCompletableFuture().get(5, SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            OverloadedException.class, e -> assertThat(e.delivered()).isEqualTo(Delivered.NO))
        .hasMessageContaining("is asked about 32 calls of this peer and 1024 more wait");
    assertThat(slow.isIdle()).as("nothing is left to answer").isFalse();
    CompletableFuture<Message> ofAnother =
        all.ofPeer().request(ALICE, text("echo", "y")).toCompletableFuture();
    go.complete(null);

    assertThat(ofAnother.get(5, SECONDS).text()).isEqualTo("y");
    for (CompletableFuture<Message> call : calls) {
      assertThat(call.get(5, SECONDS).text()).isEqualTo("x");
    }
    Await.until("nothing is left to answer", slow::isIdle);
    assertThat(asked).hasValue(Authorizer.MAX_RUNNING + Authorizer.MAX_WAITING + 1);
  }

  @Test
  void aMessengerThatIsClosedDeliversNothingThatIsAllowedTooLate() throws Exception {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> go = new CompletableFuture<>();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Router slow =
        new Router(
            "test",
            tasks,
            Codecs.with(List.of()),
            (principal, action, topic) -> {
              asked.complete(null);
              while (!go.isDone()) {
                Thread.onSpinWait(); // It hears no interrupt.
              }
              return true;
            },
            new Interceptors(List.of()),
            4 << 20,
            () -> {});
    new HandlerRegistry(slow, HandlerOptions.nonBlocking())
        .handle("note", String.class, text -> seen.add(text));
    CompletionStage<Message> call =
        new NativeCalls(slow, delays, SecurityLevel.NONE, Tokens.NONE)
            .request(ALICE, text("note", "late"));
    asked.get(5, SECONDS);

    tasks.close(0);
    go.complete(null);

    assertThatThrownBy(() -> call.toCompletableFuture().get(5, SECONDS))
        .hasMessageContaining("test is closed");
    assertThat(seen).isEmpty();
  }

  @Test
  void cancelledStageCancelsTheCall() throws Exception {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    handlers.handleAsync(
        "slow",
        String.class,
        (text, call) -> {
          call.onCancel(() -> cancelled.complete(null));
          begun.complete(null);
          return new CompletableFuture<String>();
        });

    CompletableFuture<Message> call = calls.request(ALICE, text("slow", "?")).toCompletableFuture();
    begun.get(5, SECONDS);
    call.cancel(false);

    cancelled.get(5, SECONDS);
  }

  @Test
  void interceptorsStandAroundSubscriptions() throws Exception {
    Interceptor upper =
        new Interceptor() {
          @Override
          public Flow.Publisher<Message> stream(
              CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
            if (call.topic().equals("shut")) {
              throw new CallException(StatusCode.UNAUTHENTICATED, "not without a token");
            }
            return new MappedPublisher<Message, Message>(
                next.apply(message), m -> Message.ofText(m.text().toUpperCase()));
          }
        };
    Router intercepted = router(List.of(upper));
    Calls around = new NativeCalls(intercepted, delays, SecurityLevel.NONE, Tokens.NONE);
    CompletableFuture<String> first = new CompletableFuture<>();
    subscribe(around, "news")
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription s) {
                s.request(1);
              }

              @Override
              public void onNext(Message item) {
                first.complete(item.text());
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onComplete() {}
            });

    around.publish(ALICE, text("news", "loud")).toCompletableFuture().get(5, SECONDS);

    assertThat(first.get(5, SECONDS)).isEqualTo("LOUD");
    assertThatThrownBy(() -> Collecting.all(subscribe(around, "shut")).get(5, SECONDS))
        .hasMessageContaining("not without a token");
  }
}
