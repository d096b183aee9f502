package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.TokenVerifier;
import io.carrick.VerifiedToken;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What Messenger.close() says of calls, authorizers and token verifiers that do not end, over all
 * transports at once.
 */
@Timeout(60)
class MessengerClosePageTest {

  @TempDir Path directory;

  private Messenger.Builder overAllTransports() {
    Messenger.Builder builder = TestTls.messenger("server");
    for (TestTransport transport : TestTransport.values()) {
      builder.listen(transport.endpoint(directory));
    }
    return builder;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whatHasNotEndedAfter5sIsCancelledAndHandlersAreInterrupted() {
    CountDownLatch reached = new CountDownLatch(TestTransport.values().length);
    CountDownLatch interrupted = new CountDownLatch(TestTransport.values().length);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    try (Messenger server = overAllTransports().build();
        Messenger client = TestTls.messenger("client").build()) {
      server.handle("never", String.class, text -> never(reached, interrupted));
      for (String endpoint : server.endpoints()) {
        calls.add(client.connect(endpoint).request("never", "x", String.class));
      }
      Await.until("all run", () -> reached.getCount() == 0);
      long start = System.nanoTime();

      server.close();

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(4_500), Duration.ofSeconds(15));
      Await.until("all were interrupted", () -> interrupted.getCount() == 0);
      for (CompletableFuture<String> call : calls) {
        CallException failure = Failures.in(call, CallException.class);
        Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.YES, "server closed");
        ErrorsPage.has(failure);
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void anAuthorizerThatIsAskedIsInterruptedAndNothingIsDelivered() {
    CountDownLatch asked = new CountDownLatch(TestTransport.values().length);
    CountDownLatch interrupted = new CountDownLatch(TestTransport.values().length);
    AtomicInteger delivered = new AtomicInteger();
    List<CompletableFuture<String>> calls = new ArrayList<>();
    try (Messenger server =
            overAllTransports()
                .authorizer(
                    (principal, action, topic) -> {
                      throw new IllegalStateException(never(asked, interrupted));
                    })
                .build();
        Messenger client = TestTls.messenger("client").build()) {
      server.handle("topic", String.class, text -> text + delivered.incrementAndGet());
      for (String endpoint : server.endpoints()) {
        calls.add(client.connect(endpoint).request("topic", "x", String.class));
      }
      Await.until("all are asked for", () -> asked.getCount() == 0);

      server.close();

      for (CompletableFuture<String> call : calls) {
        Failures.in(call, MessagingException.class);
      }
      Await.until("all were interrupted", () -> interrupted.getCount() == 0);
      assertThat(delivered).hasValue(0);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whoseTokenIsBeingVerifiedHasNoSession() {
    CountDownLatch asked = new CountDownLatch(TestTransport.values().length);
    CountDownLatch interrupted = new CountDownLatch(TestTransport.values().length);
    TokenVerifier slow =
        token -> {
          String late = never(asked, interrupted);
          return new VerifiedToken(late, Instant.now().plusSeconds(60));
        };
    List<CompletableFuture<Void>> connected = new ArrayList<>();
    try (Messenger server = overAllTransports().tokens(slow).tokensInClear().build();
        Messenger client =
            TestTls.messenger("client").token(() -> "token").tokensInClear().build()) {
      for (String endpoint : server.endpoints()) {
        connected.add(client.connect(endpoint).connect());
      }
      Await.until("all are verified", () -> asked.getCount() == 0);

      server.close();

      for (CompletableFuture<Void> each : connected) {
        Failures.in(each, ConnectException.class);
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whoDoesNotGoInTimeIsSentAwayAndNotWaitedForAgain() {
    CountDownLatch cancelled = new CountDownLatch(TestTransport.values().length);
    CountDownLatch reached = new CountDownLatch(TestTransport.values().length);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    try (Messenger server = overAllTransports().build();
        Messenger client = TestTls.messenger("client").build()) {
      server.handleAsync(
          "endless",
          String.class,
          (text, call) -> {
            call.onCancel(cancelled::countDown);
            reached.countDown();
            return new CompletableFuture<String>();
          });
      for (String endpoint : server.endpoints()) {
        calls.add(client.connect(endpoint).request("endless", "x", String.class));
      }
      Await.until("all run", () -> reached.getCount() == 0);

      CompletableFuture<Void> stopped = server.stopServing(Duration.ZERO);

      for (CompletableFuture<String> call : calls) {
        Failures.in(call, MessagingException.class);
      }
      Await.result(stopped);
      assertThat(server.peers()).isEmpty();
      Await.until("their handlers are told", () -> cancelled.getCount() == 0);
      long start = System.nanoTime();
      server.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatIsOverIsNotWaitedFor(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    Queue<Call> begun = new ConcurrentLinkedQueue<>();
    Queue<CompletableFuture<String>> stages = new ConcurrentLinkedQueue<>();
    try (Messenger server = TestTls.messenger("server").listen(endpoint).build();
        Messenger client = TestTls.messenger("client").build()) {
      server.handleAsync(
          "never",
          String.class,
          (text, call) -> {
            CompletableFuture<String> stage = new CompletableFuture<>();
            if (text.equals("early")) {
              begun.add(call);
              Await.until("it is cancelled", call::isCancelled);
              stage.complete("nobody waits");
            } else {
              stages.add(stage);
              begun.add(call);
            }
            return stage;
          });
      Remote remote = client.connect(endpoint);
      CompletableFuture<String> early = remote.request("never", "early", String.class);
      CompletableFuture<String> cancelled = remote.request("never", "x", String.class);
      CompletableFuture<String> late = remote.request("never", "x", String.class);
      Await.until("all run", () -> begun.size() == 3);
      List.of(early, cancelled, late).forEach(call -> call.cancel(true));
      Failures.in(
          remote
              .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(100)))
              .request("never", "x", String.class),
          DeadlineExceededException.class);
      Await.until("all are over", () -> begun.stream().allMatch(Call::isCancelled));
      stages.element().complete("after its end");
      long start = System.nanoTime();

      server.close();

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
      assertThat(stages).anyMatch(stage -> !stage.isDone());
    }
  }

  @Test
  void afterItEachUseSaysSo() {
    Messenger node =
        Messenger.builder("node").listen(TestTransport.UNIX.endpoint(directory)).build();
    Remote remote = node.connect(node.endpoints().get(0));
    node.close();
    String closed = "messenger node is closed: build another";

    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            () -> node.handle("a", String.class, text -> text),
            () -> node.handleAsync("a", String.class, (text, call) -> null),
            () -> node.handleSend("a", String.class, text -> {}),
            () -> node.handleStream("a", String.class, text -> Source.endless()),
            () -> node.handleChannel("a", String.class, (values, call) -> values),
            () -> node.subscribe("a", String.class, text -> {}),
            () -> node.connect("unix:/nowhere"),
            () -> node.connectTo("other", "unix:/nowhere"))) {
      assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessage(closed);
    }
    MessagingException refused = Failures.in(node.publish("a", "x"), MessagingException.class);
    Failures.check(refused, StatusCode.FAILED_PRECONDITION, Delivered.NO, closed);
    Failures.in(remote.request("a", "x", String.class), MessagingException.class);
  }

  private static String never(CountDownLatch reached, CountDownLatch interrupted) {
    reached.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
    }
    return "late";
  }
}
