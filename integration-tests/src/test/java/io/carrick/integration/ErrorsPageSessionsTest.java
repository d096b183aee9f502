package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallCancelledException;
import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** docs/errors.md on calls whose session, thread, caller or token ends before them. */
@OverEachTransport
final class ErrorsPageSessionsTest extends Semantics {

  private static final int PLACES = 1_024;

  ErrorsPageSessionsTest(TestTransport transport) {
    super(transport);
  }

  private static void check(
      MessagingException failure, StatusCode code, Delivered delivered, boolean retrySafe) {
    Failures.check(failure, code, delivered);
    assertThat(failure.retrySafe()).as("retrySafe of %s", failure).isEqualTo(retrySafe);
    ErrorsPage.has(failure);
  }

  /** Handlers that never answer, and one call of each pattern that has a reply. */
  private static List<CompletableFuture<?>> open(Messenger service, Remote remote) {
    CountDownLatch reached = new CountDownLatch(3);
    service.handleAsync(
        "topic",
        String.class,
        (text, call) -> {
          reached.countDown();
          CompletableFuture<String> reply = new CompletableFuture<>();
          call.onCancel(() -> reply.complete("late"));
          return reply;
        });
    service.handleStream(
        "topic",
        String.class,
        text -> {
          reached.countDown();
          return Source.<String>silent();
        });
    service.handleChannel(
        "topic",
        String.class,
        (values, call) -> {
          reached.countDown();
          return Source.<String>silent();
        });
    List<CompletableFuture<?>> calls =
        List.of(
            remote.request("topic", "x", String.class),
            Items.of(remote.stream("topic", "x", String.class)).end(),
            Items.of(remote.channel("topic", Source.<String>silent(), String.class)).end());
    Await.until("they are there", () -> reached.getCount() == 0);
    return calls;
  }

  @Test
  void connectExceptionATokenIsMissingOrRefused() {
    TokenNodes nodes = new TokenNodes();
    for (String token : new String[] {"", "forged"}) {
      restart(
          b -> b.tokens(nodes.verifier).tokensInClear(),
          b -> token.isEmpty() ? b : b.token(() -> token).tokensInClear());

      for (CompletableFuture<?> call :
          List.of(
              remote.request("topic", "x", String.class),
              remote.send("topic", "x"),
              remote.publish("topic", "x"),
              remote.subscribe("topic", String.class, text -> {}),
              Items.of(remote.stream("topic", "x", String.class)).end())) {
        check(
            Failures.in(call, ConnectException.class),
            StatusCode.UNAUTHENTICATED,
            Delivered.NO,
            false);
      }
    }
  }

  @Test
  void callCancelledExceptionTheThreadWasInterruptedWhileTheCallWaitedForRoom() {
    await(remote.connect());
    server.close();
    Await.until("the loss is noticed", () -> remote.instance().isEmpty());
    for (int i = 0; i < PLACES; i++) {
      var unused = remote.send("topic", "x");
    }

    for (Supplier<CompletableFuture<?>> call :
        List.<Supplier<CompletableFuture<?>>>of(
            () -> remote.request("topic", "x", String.class),
            () -> remote.send("topic", "x"),
            () -> remote.publish("topic", "x"))) {
      Thread.currentThread().interrupt();
      CompletableFuture<?> cancelled = call.get();
      assertThat(Thread.interrupted()).isTrue();
      check(
          Failures.in(cancelled, CallCancelledException.class),
          StatusCode.CANCELLED,
          Delivered.NO,
          true);
    }
  }

  /** What the handler of a channel reads, where its caller does this to it. */
  private Items<String> values(Remote caller, Messenger service, Consumer<Items<Long>> end) {
    Items<String> values = Items.all();
    Source<Long> down = Source.endless();
    service.handleChannel(
        "values",
        String.class,
        (in, call) -> {
          in.subscribe(values);
          return down;
        });
    Items<Long> items = Items.asking(1);
    caller.channel("values", Source.<String>silent(), Long.class).subscribe(items);
    items.awaitCount(1);
    end.accept(items);
    return values;
  }

  @Test
  void theHandlerThatReadsAChannelIsToldThatItsCallerHasGone() {
    check(
        values(remote, server, Items::cancel).failure(CallCancelledException.class),
        StatusCode.CANCELLED,
        Delivered.YES,
        false);

    TestPath path = TestPath.over(transport, directory, "path", "client", "behind", 1);
    try (path;
        Messenger service =
            TestTls.messenger("behind").listen(path.listens()).resumeTime(Duration.ZERO).build();
        Messenger caller = TestTls.messenger("client").resumeTime(Duration.ZERO).build()) {
      check(
          values(caller.connect(path.dials()), service, items -> path.clientKills())
              .failure(SessionLostException.class),
          StatusCode.UNAVAILABLE,
          Delivered.MAYBE,
          false);
    }
  }

  @Test
  void whoCancelsAFutureHimselfSeesACancellationException() {
    CompletableFuture<String> reply = new CompletableFuture<>();
    server.handleAsync("topic", String.class, (text, call) -> reply);
    CompletableFuture<String> call = remote.request("topic", "x", String.class);

    call.cancel(true);

    assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
    reply.complete("late");
  }

  @Test
  void sessionLostExceptionThePeerIsGoneUnderAnOpenCall() {
    TestPath path = TestPath.over(transport, directory, "path", "client", "behind", 1);
    try (path;
        Messenger service =
            TestTls.messenger("behind").listen(path.listens()).resumeTime(Duration.ZERO).build();
        Messenger caller = TestTls.messenger("client").resumeTime(Duration.ZERO).build()) {
      List<CompletableFuture<?>> calls = open(service, caller.connect(path.dials()));

      path.refuse();
      path.clientKills();

      for (CompletableFuture<?> call : calls) {
        check(
            Failures.in(call, SessionLostException.class),
            StatusCode.UNAVAILABLE,
            Delivered.MAYBE,
            false);
      }
    }
  }

  @Test
  void sessionLostExceptionItsTokenExpiredUnderAnOpenCall() {
    TokenNodes nodes = new TokenNodes();
    String token = TokenNodes.token("alice", Duration.ofMillis(2_500));
    restart(
        b -> b.tokens(nodes.verifier).tokensInClear(), b -> b.token(() -> token).tokensInClear());

    for (CompletableFuture<?> call : open(server, remote)) {
      check(
          Failures.in(call, SessionLostException.class),
          StatusCode.UNAUTHENTICATED,
          Delivered.MAYBE,
          false);
    }
  }
}
