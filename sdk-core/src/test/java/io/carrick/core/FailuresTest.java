package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.HandlerOptions;
import io.carrick.InMemoryPair;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FailuresTest {

  private final InMemoryPair pair = Messenger.inMemory();

  @AfterEach
  void close() {
    pair.close();
  }

  private static MessagingException failure(CompletableFuture<?> call) throws Exception {
    try {
      call.get(10, SECONDS);
    } catch (ExecutionException e) {
      return (MessagingException) e.getCause();
    }
    throw new AssertionError("the call did not fail");
  }

  @Test
  void handlersOwnFailureReachesItsCallerWithDetails() throws Exception {
    pair.server()
        .handle(
            "buy",
            String.class,
            (text, call) -> {
              throw new CallException(StatusCode.NOT_FOUND, "no such item", Map.of("id", text));
            });

    MessagingException failure = failure(pair.remote().request("buy", "7", String.class));

    assertThat(failure.code()).isEqualTo(StatusCode.NOT_FOUND);
    assertThat(failure).hasMessage("no such item");
    assertThat(failure.details()).containsEntry("id", "7");
    assertThat(failure.delivered()).isEqualTo(Delivered.YES);
  }

  @Test
  void otherFailuresLeakNothing() throws Exception {
    pair.server()
        .handle(
            "buy",
            String.class,
            (text, call) -> {
              throw new IllegalStateException("secret");
            });
    pair.server()
        .handle(
            "deep",
            String.class,
            (text, call) -> {
              throw new StackOverflowError();
            });

    MessagingException failure = failure(pair.remote().request("buy", "7", String.class));
    MessagingException deep = failure(pair.remote().request("deep", "7", String.class));

    assertThat(failure.code()).isEqualTo(StatusCode.UNKNOWN);
    assertThat(failure)
        .hasMessage("handler of buy failed (IllegalStateException): see the service's log");
    assertThat(deep).hasMessageContaining("StackOverflowError");
  }

  @Test
  void bodyThatDoesNotParseNeverReachesTheHandler() throws Exception {
    LinkedBlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
    pair.server().handle("n", Integer.class, (n, call) -> seen.add(n));
    pair.server().handleSend("n", Integer.class, seen::add);

    MessagingException request = failure(pair.remote().request("n", "seven", Void.class));
    MessagingException send = failure(pair.remote().send("n", "seven"));

    assertThat(request.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    assertThat(request.delivered()).isEqualTo(Delivered.NO);
    assertThat(send.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    assertThat(seen).isEmpty();
  }

  @Test
  void valueWithoutCodecFailsHereWithTheRemedy() throws Exception {
    MessagingException failure = failure(pair.remote().request("n", Duration.ZERO, String.class));

    assertThat(failure).isInstanceOf(CodecException.class).hasMessageContaining("text/plain");
    assertThat(failure.delivered()).isEqualTo(Delivered.NO);
  }

  @Test
  void deadlineEndsTheCallAndTellsTheHandler() throws Exception {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    pair.server()
        .handleAsync(
            "slow",
            String.class,
            (text, call) -> {
              call.onCancel(() -> cancelled.complete(null));
              return new CompletableFuture<String>();
            });

    Remote hasty = pair.remote().with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)));
    MessagingException failure = failure(hasty.request("slow", "x", String.class));

    assertThat(failure).isInstanceOf(DeadlineExceededException.class);
    assertThat(cancelled).succeedsWithin(Duration.ofSeconds(5));
  }

  @Test
  void cancellingTheFutureCancelsTheCall() {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    pair.server()
        .handleAsync(
            "slow",
            String.class,
            (text, call) -> {
              call.onCancel(() -> cancelled.complete(null));
              begun.complete(null);
              return new CompletableFuture<String>();
            });

    CompletableFuture<String> call = pair.remote().request("slow", "x", String.class);
    begun.join();
    assertThat(call.cancel(true)).isTrue();

    assertThat(call).isCancelled();
    assertThat(cancelled).succeedsWithin(Duration.ofSeconds(5));
  }

  @Test
  void interruptedWaitLeavesTheCallAlone() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    pair.server().handleAsync("slow", String.class, (text, call) -> answer);
    CompletableFuture<String> call = pair.remote().request("slow", "x", String.class);

    Thread.currentThread().interrupt();
    assertThatThrownBy(call::get).isInstanceOf(InterruptedException.class);
    answer.complete("late");

    assertThat(call.get(5, SECONDS)).isEqualTo("late");
  }

  @Test
  void busyHandlerRefusesWhatItCannotHold() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    pair.server()
        .with(HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(1))
        .handle(
            "busy",
            String.class,
            (text, call) -> {
              goOn.await();
              return text;
            });

    List<CompletableFuture<String>> calls =
        List.of(
            pair.remote().request("busy", "1", String.class),
            pair.remote().request("busy", "2", String.class),
            pair.remote().request("busy", "3", String.class));
    MessagingException refused = failure(calls.get(2));
    goOn.countDown();

    assertThat(refused).isInstanceOf(OverloadedException.class);
    assertThat(refused.retrySafe()).isTrue();
    assertThat(calls.get(0).get(5, SECONDS)).isEqualTo("1");
    assertThat(calls.get(1).get(5, SECONDS)).isEqualTo("2");
  }

  @Test
  void waitOnTheReadingThreadFailsInsteadOfHanging() throws Exception {
    CompletableFuture<String> later = new CompletableFuture<>(); // A result needs no waiting.
    pair.client().handleAsync("name", String.class, text -> later);
    pair.server()
        .with(HandlerOptions.nonBlocking())
        .handle(
            "who",
            String.class,
            (text, call) -> {
              try {
                return call.peer().request("name", "?", String.class).thenApply(s -> s).join();
              } catch (IllegalStateException e) {
                return "refused: " + e.getMessage();
              }
            });

    assertThat(pair.remote().request("who", "?", String.class).get(10, SECONDS))
        .startsWith("refused: a wait for a result");
    later.complete("client");
  }

  @Test
  void nobodyAtTheEndpointsNamesThemAll() throws Exception {
    Remote remote = pair.client().connect("memory:nobody", "memory:nobody-either");

    MessagingException failure = failure(remote.request("x", "x", String.class));

    assertThat(failure)
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("memory:nobody:")
        .hasMessageContaining("memory:nobody-either:");
    assertThat(failure.delivered()).isEqualTo(Delivered.NO);
  }

  @Test
  void unknownSchemeNamesTheArtifact() {
    assertThatThrownBy(() -> pair.client().connect("grpc://localhost:1"))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("installed: memory")
        .hasMessageContaining("io.carrick:carrick-transport-grpc");
    assertThatThrownBy(() -> Messenger.builder("x").listen("xyz:1").build())
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("scheme xyz");
  }

  @Test
  void anotherServiceThanExpectedIsRefused() throws Exception {
    String endpoint = pair.server().endpoints().get(0);

    MessagingException failure =
        failure(pair.client().connectTo("billing", endpoint).request("x", "x", String.class));

    assertThat(failure).isInstanceOf(ConnectException.class).hasMessageContaining("billing");
  }

  @Test
  void needThatNoPathMeetsFailsWithEachReason() throws Exception {
    MessagingException failure =
        failure(pair.remote().with(Requirements.NONE.durable()).request("x", "x", String.class));

    assertThat(failure)
        .isInstanceOf(NoPathException.class)
        .hasMessageContaining("memory:")
        .hasMessageContaining("durable");
  }

  @Test
  void publisherThatBreaksARuleFailsTheStream() {
    pair.server()
        .handleStream(
            "greedy",
            String.class,
            text ->
                (Flow.Publisher<String>)
                    subscriber ->
                        subscriber.onSubscribe(
                            new Flow.Subscription() {
                              @Override
                              public void request(long n) {
                                for (long i = 0; i <= n; i++) {
                                  subscriber.onNext("item");
                                }
                              }

                              @Override
                              public void cancel() {}
                            }));

    assertThatThrownBy(
            () ->
                Collecting.all(pair.remote().stream("greedy", "x", String.class)).get(10, SECONDS))
        .hasMessageContaining("greedy broke a rule")
        .hasMessageContaining("rule 1.1");
  }

  @Test
  void demandOfZeroFailsTheSubscriber() {
    pair.server().handleStream("count", Integer.class, RangePublisher::new);
    Collecting<Integer> collecting = new Collecting<>(0);
    pair.remote().stream("count", 3, Integer.class).subscribe(collecting);

    collecting.subscribed.join().request(0);

    assertThatThrownBy(() -> collecting.result.get(5, SECONDS))
        .hasCauseInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rule 3.9");
  }

  @Test
  void cancelledStreamCancelsThePublisher() throws Exception {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    pair.server()
        .handleStream(
            "silent",
            String.class,
            text ->
                (Flow.Publisher<String>)
                    subscriber ->
                        subscriber.onSubscribe(
                            new Flow.Subscription() {
                              @Override
                              public void request(long n) {}

                              @Override
                              public void cancel() {
                                cancelled.complete(null);
                              }
                            }));
    Collecting<String> collecting = new Collecting<>(1);
    pair.remote().stream("silent", "x", String.class).subscribe(collecting);

    collecting.subscribed.join().cancel();

    assertThat(pair.remote().request("none", Message.empty(), Void.class))
        .failsWithin(Duration.ofSeconds(5));
    assertThat(cancelled.completeOnTimeout(null, 5, SECONDS)).isNotCompletedExceptionally();
  }
}
