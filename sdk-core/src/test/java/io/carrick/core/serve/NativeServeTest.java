package io.carrick.core.serve;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.Authorizer;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Interceptors;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import io.carrick.core.session.auth.Tokens;
import io.carrick.spi.Calls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NativeServeTest {

  private static final Principal ALICE = new Principal("tls", "alice");

  private final ApplicationExecutor tasks = ApplicationExecutor.create("test");
  private final Delays delays = new Delays("test");
  private final Authorizer authorizer =
      Authorizer.nonBlocking(
          (principal, action, topic) ->
              action != Authorizer.Action.SERVE
                  || principal.equals(ALICE) && !topic.equals("secret"));
  private final Router router =
      new Router(
          "test",
          tasks,
          Codecs.with(List.of()),
          authorizer,
          new Interceptors(List.of()),
          4 << 20,
          () -> {});
  private final HandlerRegistry handlers = new HandlerRegistry(router, HandlerOptions.DEFAULT);
  private final Calls calls = new NativeCalls(router, delays, SecurityLevel.NONE, Tokens.NONE);

  @AfterEach
  void close() {
    delays.close();
    tasks.close(0);
  }

  private CompletionStage<Registration> echo(Principal who, String topic) {
    return calls.serveRequests(
        who,
        topic,
        HandlerOptions.DEFAULT,
        (m, call) -> CompletableFuture.completedFuture(Message.ofText(m.text() + "!")));
  }

  private CompletionStage<Message> request(String topic) {
    return calls.request(ALICE, Message.ofText("hi").withTopic(topic));
  }

  private static MessagingException failure(CompletionStage<?> stage) {
    Throwable thrown = catchThrowable(() -> stage.toCompletableFuture().get(5, SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return (MessagingException) thrown.getCause();
  }

  @Test
  void aServedTopicAnswersUntilItIsClosed() throws Exception {
    Registration served = echo(ALICE, "echo").toCompletableFuture().get(5, SECONDS);

    assertThat(request("echo").toCompletableFuture().get(5, SECONDS).text()).isEqualTo("hi!");

    served.close();
    assertThat(failure(request("echo")).code()).isEqualTo(StatusCode.UNIMPLEMENTED);
  }

  @Test
  void t13_servingIsRefusedToWhomTheAuthorizerDoesNotAllowIt() {
    MessagingException nobody = failure(echo(Principal.NONE, "echo"));

    assertThat(nobody.code()).isEqualTo(StatusCode.PERMISSION_DENIED);
    assertThat(nobody).hasMessageContaining("may not SERVE echo");
    assertThat(failure(echo(ALICE, "secret")).code()).isEqualTo(StatusCode.PERMISSION_DENIED);
  }

  @Test
  void aTopicThatHasAHandlerIsNotServedAgain() {
    handlers.handle("echo", String.class, text -> text);

    assertThat(failure(echo(ALICE, "echo")).code()).isEqualTo(StatusCode.ALREADY_EXISTS);
  }

  @Test
  void whatIsNoTopicIsNotServed() {
    assertThat(failure(echo(ALICE, "a/+/b")).code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void aFailureThatSaysNotDeliveredIsARefusal() {
    var unused =
        calls.serveRequests(
            ALICE,
            "full",
            HandlerOptions.DEFAULT,
            (m, call) ->
                CompletableFuture.failedFuture(new OverloadedException(Delivered.NO, "is full")));

    MessagingException e = failure(request("full"));

    assertThat(e).isInstanceOf(OverloadedException.class).hasMessage("is full");
    assertThat(e.delivered()).isEqualTo(Delivered.NO);
  }

  @Test
  void aRequestThatNobodyAnswersEndsAtItsDeadlineAndItsHandlerIsTold() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    var unused =
        calls.serveRequests(
            ALICE,
            "silent",
            HandlerOptions.DEFAULT,
            (m, call) -> {
              call.onCancel(() -> seen.add("cancelled, left " + call.remaining().orElseThrow()));
              return new CompletableFuture<>();
            });

    MessagingException e =
        failure(
            calls
                .within(Duration.ofMillis(50))
                .request(ALICE, Message.ofText("hi").withTopic("silent")));

    assertThat(e).isInstanceOf(DeadlineExceededException.class);
    assertThat(e.delivered()).isEqualTo(Delivered.MAYBE);
    assertThat(seen.poll(5, SECONDS)).isEqualTo("cancelled, left PT0S");
  }

  @Test
  void aRequestThatExpiresInTheQueueWasNotDelivered() throws Exception {
    List<CompletableFuture<Message>> running = new ArrayList<>();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    var unused =
        calls.serveRequests(
            ALICE,
            "one",
            HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(1),
            (m, call) -> {
              seen.add(m.text());
              CompletableFuture<Message> reply = new CompletableFuture<>();
              running.add(reply);
              return reply;
            });
    CompletionStage<Message> first = request("one");
    assertThat(seen.poll(5, SECONDS)).isEqualTo("hi");

    MessagingException second =
        failure(
            calls
                .within(Duration.ofMillis(50))
                .request(ALICE, Message.ofText("late").withTopic("one")));
    assertThat(second.delivered()).isEqualTo(Delivered.NO);

    running.get(0).complete(Message.ofText("done"));
    assertThat(first.toCompletableFuture().get(5, SECONDS).text()).isEqualTo("done");
    // A place is free a moment after its caller has the reply: until then a call is refused.
    String next = null;
    for (int i = 0; i < 50 && next == null; i++) {
      assertThat(request("one")).isNotNull();
      next = seen.poll(100, MILLISECONDS);
    }
    assertThat(next).isEqualTo("hi");
  }

  @Test
  void sendsPassInOrderAndHoldTheirPlacesUntilTheyAreDone() throws Exception {
    List<String> seen = new ArrayList<>();
    List<CompletableFuture<Void>> open = new ArrayList<>();
    serveIn(HandlerOptions.DEFAULT.withConcurrency(2).withWaiting(0), seen, open);

    send("1").get(5, SECONDS);
    send("2").get(5, SECONDS);
    MessagingException third = failure(send("3"));
    open.get(0).complete(null);
    send("4").get(5, SECONDS);

    assertThat(third).isInstanceOf(OverloadedException.class);
    assertThat(third.delivered()).isEqualTo(Delivered.NO);
    assertThat(seen).containsExactly("1", "2", "4");
  }

  @Test
  void noMoreMessagesThanTheConcurrencyAreWithTheHandler() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Void>> open = new CopyOnWriteArrayList<>();
    serveIn(HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(2), seen, open);

    send("1").get(5, SECONDS);
    send("2").get(5, SECONDS);
    send("3").get(5, SECONDS);
    assertThat(failure(send("4"))).isInstanceOf(OverloadedException.class);

    assertThat(seen).containsExactly("1");
    open.get(0).complete(null);
    assertThat(seen).containsExactly("1", "2");
    open.get(1).complete(null);
    assertThat(seen).containsExactly("1", "2", "3");
    send("5").get(5, SECONDS);
    open.get(2).complete(null);
    assertThat(seen).containsExactly("1", "2", "3", "5");
  }

  /** Each message is handled once who asks completes what was opened for it. */
  private void serveIn(
      HandlerOptions options, List<String> seen, List<CompletableFuture<Void>> open) {
    var unused =
        calls.serveSends(
            ALICE,
            "in",
            options,
            (m, call) -> {
              seen.add(m.text());
              CompletableFuture<Void> done = new CompletableFuture<>();
              open.add(done);
              return done;
            });
  }

  private CompletableFuture<Void> send(String text) {
    return calls.send(ALICE, Message.ofText(text).withTopic("in")).toCompletableFuture();
  }

  @Test
  void aStreamThatIsCancelledBeforeItsHandlerRunsNeverReachesIt() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    CompletableFuture<Void> go = new CompletableFuture<>();
    handlers
        .with(HandlerOptions.DEFAULT.withConcurrency(1))
        .handleStream(
            "s",
            String.class,
            (String query) -> {
              seen.add(query);
              go.join();
              return subscriber -> {};
            });
    Quiet first = new Quiet();
    calls.stream(ALICE, Message.ofText("first").withTopic("s")).subscribe(first);
    assertThat(seen.poll(5, SECONDS)).isEqualTo("first");
    Quiet second = new Quiet();
    calls.stream(ALICE, Message.ofText("second").withTopic("s")).subscribe(second);

    second.subscription().cancel();
    go.complete(null);
    calls.stream(ALICE, Message.ofText("third").withTopic("s")).subscribe(new Quiet());

    assertThat(seen.poll(5, SECONDS)).isEqualTo("third");
  }

  private static final class Quiet implements Flow.Subscriber<Message> {

    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    Flow.Subscription subscription() {
      return subscription.join();
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription.complete(s);
    }

    @Override
    public void onNext(Message item) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
