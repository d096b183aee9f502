package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Priority;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of CallOptions, in its order. Deadlines behind interceptors are in
 * DeadlineSemanticsTest, priorities in BusySemanticsTest, calls of those who do not wait and were
 * not sent in GoneServiceTest.
 */
@OverEachTransport
final class CallOptionsPageTest extends Semantics {

  private static final Duration SHORT = Duration.ofMillis(200);

  CallOptionsPageTest(TestTransport transport) {
    super(transport);
  }

  private static Remote within(Remote remote, Duration deadline) {
    return remote.with(remote.options().withDeadline(deadline));
  }

  private static void pass(long millis) {
    await(new CompletableFuture<Void>().completeOnTimeout(null, millis, TimeUnit.MILLISECONDS));
  }

  @Test
  void byDefaultADeadlineOf30sNormalPriorityNoHeadersAndItWaits() {
    server.handle("left", String.class, (text, call) -> call.remaining().orElseThrow().toMillis());

    assertThat(remote.options())
        .isEqualTo(CallOptions.DEFAULT)
        .isEqualTo(
            new CallOptions(
                Duration.ofSeconds(30), Priority.NORMAL, Optional.empty(), Headers.EMPTY, true));
    assertThat(await(remote.request("left", "x", Long.class))).isBetween(20_000L, 30_000L);
  }

  @Test
  void aDeadlineMayBe1msTo24h() {
    for (Duration good : List.of(Duration.ofMillis(1), Duration.ofHours(24))) {
      assertThat(CallOptions.DEFAULT.withDeadline(good).deadline()).isEqualTo(good);
    }
    for (Duration bad :
        List.of(Duration.ofMillis(1).minusNanos(1), Duration.ofHours(24).plusNanos(1))) {
      assertThatThrownBy(() -> CallOptions.DEFAULT.withDeadline(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(bad.toString())
          .hasMessageContaining("1 ms to 24 h");
    }
  }

  @Test
  void theDeadlineOfAChannelIsForItsFirstItem() {
    Source<Long> slow = Source.endless();
    server.handleChannel("late", Long.class, (values, call) -> Source.<Long>silent());
    server.handleChannel("soon", Long.class, (values, call) -> slow);
    await(remote.connect());
    Items<Long> late =
        Items.of(within(remote, SHORT).channel("late", Source.<Long>silent(), Long.class));
    Items<Long> soon = Items.asking(1);
    within(remote, Duration.ofSeconds(1))
        .channel("soon", Source.<Long>silent(), Long.class)
        .subscribe(soon);
    soon.awaitCount(1);

    late.failure(DeadlineExceededException.class);
    pass(1_100);
    soon.request(1);
    soon.awaitCount(2);
    soon.cancel();
  }

  @Test
  void theDeadlineOfASubscriptionIsForItsAcceptance() {
    List<String> log = new CopyOnWriteArrayList<>();
    await(remote.connect());
    await(within(remote, Duration.ofSeconds(1)).subscribe("news", String.class, log::add));
    pass(1_100);

    await(server.publish("news", "late"));

    Await.until(log::toString, Await.LONG_ENOUGH, () -> log.contains("late"));
  }

  @Test
  void valuesAreTextBytesOrWhatTheFirstSharedCodecMakesOfThem() {
    server.handle("type", Message.class, Message::contentType);

    assertThat(await(remote.request("type", "text", String.class))).isEqualTo("text/plain");
    assertThat(await(remote.request("type", new byte[] {1}, String.class)))
        .isEqualTo("application/octet-stream");
    assertThat(await(remote.request("type", new Order("1", 2), String.class)))
        .isEqualTo("application/json");
    Remote json = remote.with(CallOptions.DEFAULT.withContentType("application/json"));
    assertThat(await(json.request("type", "text", String.class))).isEqualTo("application/json");
  }

  @Test
  void headersAreSentWithEachCall() {
    List<String> seen = new CopyOnWriteArrayList<>();
    server.handle("topic", Message.class, (m, call) -> note(seen, "request", call.message()));
    server.handleSend("topic", Message.class, m -> note(seen, "send", m));
    server.handleStream(
        "topic",
        Message.class,
        (Message m, Call call) -> Source.of(1, i -> note(seen, "stream", call.message())));
    server.handleChannel(
        "topic",
        Message.class,
        (values, call) -> Source.of(1, i -> note(seen, "channel", call.message())));
    server.subscribe("topic", Message.class, m -> note(seen, "publish", m));
    Remote marked = remote.with(CallOptions.DEFAULT.withHeader("a", "1").withHeader("b", "two"));

    await(marked.request("topic", "x", String.class));
    await(marked.send("topic", "x"));
    Items.of(marked.stream("topic", "x", String.class)).complete();
    Items.of(marked.channel("topic", Source.of(1, i -> "x"), String.class)).complete();
    await(marked.publish("topic", "x"));

    Await.until(seen::toString, Await.LONG_ENOUGH, () -> seen.size() == 5);
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "request 1 two", "send 1 two", "stream 1 two", "channel 1 two", "publish 1 two");
  }

  private static String note(List<String> seen, String pattern, Message message) {
    String text =
        pattern
            + " "
            + message.headers().first("a").orElse("-")
            + " "
            + message.headers().first("b").orElse("-");
    seen.add(text);
    return text;
  }

  /** A service behind a path that can be broken. */
  private final class Behind implements AutoCloseable {
    final TestPath path = TestPath.over(transport, directory, "path", "caller", "behind", 1);
    final Messenger service;
    final Messenger caller;
    final Remote hasty;
    final CompletableFuture<Void> reached = new CompletableFuture<>();

    Behind(Duration resumeTime) {
      service = TestTls.messenger("behind").listen(path.listens()).resumeTime(resumeTime).build();
      service.handle(
          "held",
          String.class,
          text -> {
            reached.complete(null);
            gate.pass();
            return text;
          });
      caller = TestTls.messenger("caller").resumeTime(resumeTime).build();
      hasty = caller.connect(path.dials()).with(CallOptions.DEFAULT.withWaitForReady(false));
    }

    CompletableFuture<String> callThatLosesItsPath() {
      CompletableFuture<String> call = hasty.request("held", "x", String.class);
      await(reached);
      path.refuse();
      path.clientKills();
      Await.until("the break is noticed", () -> hasty.explain().chosen().isEmpty());
      Failures.in(hasty.request("held", "later", String.class), ConnectException.class);
      return call;
    }

    @Override
    public void close() {
      gate.open();
      caller.close();
      service.close();
      path.close();
    }
  }

  @Test
  void whoDoesNotWaitKeepsTheCallsThatWereSent() {
    try (Behind behind = new Behind(Duration.ofMinutes(1))) {
      CompletableFuture<String> call = behind.callThatLosesItsPath();
      assertThat(call).isNotDone();

      behind.path.admit();
      gate.open();

      assertThat(await(call)).isEqualTo("x");
    }
  }

  @Test
  void aCallThatWasSentEndsWithItsSession() {
    try (Behind behind = new Behind(Duration.ofMillis(500))) {
      CompletableFuture<String> call = behind.callThatLosesItsPath();

      SessionLostException failure = Failures.in(call, SessionLostException.class);

      Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.MAYBE);
      ErrorsPage.has(failure);
    }
  }
}
