package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.CallOptions;
import io.carrick.DeliveryGuarantee;
import io.carrick.Explanation;
import io.carrick.Messenger;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is needed of a path is given or refused, whoever dialled; over a path in clear. */
@Timeout(60)
class NeedsTest {

  private static final Requirements MUTUAL = Requirements.security(SecurityLevel.MUTUAL);

  /** As documented at Remote.with. */
  private static final int MOST_SESSIONS = 4;

  private final ConcurrentLinkedQueue<String> came = new ConcurrentLinkedQueue<>();
  private Messenger server;
  private Messenger client;
  private Remote remote;

  @BeforeEach
  void open() {
    server = serve(Messenger.builder("server").listen("grpc://127.0.0.1:0").build());
    client = serve(Messenger.builder("client").build());
    remote = client.connect(server.endpoints().get(0));
    Await.result(remote.connect());
  }

  private Messenger serve(Messenger messenger) {
    messenger.handle("t", String.class, this::came);
    messenger.handleSend("t", String.class, this::came);
    messenger.handleStream("t", String.class, q -> Source.numbers((long) came(q).length()));
    messenger.subscribe("t", String.class, this::came);
    return messenger;
  }

  private String came(String text) {
    came.add(text);
    return text;
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aRemoteThatIsClosedOpensNoSessionForOtherNeeds(@TempDir Path directory) {
    try (Messenger both =
        serve(
            Messenger.builder("both")
                .listen("grpc://127.0.0.1:0")
                .listen("unix:" + directory.resolve("s"))
                .build())) {
      Remote closed = client.connect(both.endpoints().get(0), both.endpoints().get(1));
      Await.result(closed.connect());
      closed.close();

      assertThat(failure(closed.with(MUTUAL).request("t", "x", String.class)))
          .isInstanceOf(SessionLostException.class)
          .hasMessageContaining("is closed: connect again");
      assertThat(came).isEmpty();
    }
  }

  static Stream<Requirements> unmet() {
    return Stream.of(
        MUTUAL,
        Requirements.security(SecurityLevel.ENCRYPTED),
        Requirements.NONE.durable(),
        MUTUAL.idempotent());
  }

  private static Throwable failure(CompletionStage<?> stage) {
    return catchThrowable(() -> Await.result(stage)).getCause();
  }

  /** Each pattern is refused, and nothing goes out. */
  private void isRefused(Remote view) {
    assertThat(failure(view.request("t", "x", String.class))).isInstanceOf(NoPathException.class);
    assertThat(failure(view.send("t", "x"))).isInstanceOf(NoPathException.class);
    assertThat(failure(view.publish("t", "x"))).isInstanceOf(NoPathException.class);
    assertThat(failure(view.subscribe("t", String.class, v -> {})))
        .isInstanceOf(NoPathException.class);
    assertThat(ended(view.stream("t", "x", Long.class))).isInstanceOf(NoPathException.class);
    assertThat(ended(view.channel("t", Source.numbers(3L), Long.class)))
        .isInstanceOf(NoPathException.class);
    assertThat(view.explain().candidates()).isNotEmpty().noneMatch(Explanation.Candidate::eligible);
    assertThat(came).isEmpty();
  }

  private static Throwable ended(Flow.Publisher<?> publisher) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    publisher.subscribe(
        new Flow.Subscriber<Object>() {
          @Override
          public void onSubscribe(Flow.Subscription s) {
            s.request(1);
          }

          @Override
          public void onNext(Object item) {}

          @Override
          public void onError(Throwable failure) {
            end.complete(failure);
          }

          @Override
          public void onComplete() {
            end.complete(new AssertionError("it completed"));
          }
        });
    return Await.result(end);
  }

  @ParameterizedTest
  @MethodSource("unmet")
  void whoDialledIsRefused(Requirements needs) {
    isRefused(remote.with(needs));
  }

  @ParameterizedTest
  @MethodSource("unmet")
  void aPeerIsNotCalledOverAPathThatDoesNotMeetTheNeeds(Requirements needs) {
    isRefused(server.peers().get(0).with(needs));
  }

  @Test
  void aCallerIsNotCalledBackOverSuchAPath() {
    server.handle(
        "back",
        String.class,
        (text, call) ->
            String.valueOf(failure(call.peer().with(MUTUAL).request("t", text, String.class))));

    String answer = Await.result(remote.request("back", "x", String.class));

    assertThat(answer).contains("NoPathException", "client", "security NONE is below the MUTUAL");
    assertThat(came).isEmpty();
  }

  @Test
  void needsAddUp() {
    isRefused(remote.with(MUTUAL).with(Requirements.NONE.idempotent()));
    isRefused(remote.with(Requirements.NONE.idempotent()).with(MUTUAL));
    isRefused(remote.with(MUTUAL).with(Requirements.security(SecurityLevel.NONE)));
    isRefused(remote.with(MUTUAL).with(CallOptions.DEFAULT));
    isRefused(server.peers().get(0).with(MUTUAL).with(Requirements.NONE.idempotent()));
  }

  @Test
  void aPeerWithoutNeedsIsCalled() {
    Remote peer = server.peers().get(0).with(Requirements.NONE.idempotent());

    assertThat(Await.result(peer.request("t", "x", String.class))).isEqualTo("x");
  }

  @Test
  void moreDifferentNeedsThanFourAreNoFaultOfTheirCalls() {
    List<Throwable> failures = new ArrayList<>();
    for (SecurityLevel level : SecurityLevel.values()) {
      for (DeliveryGuarantee delivery : DeliveryGuarantee.values()) {
        Remote view = remote.with(Requirements.security(level).withDelivery(delivery));
        assertThat(view.explain().requirements().security()).isEqualTo(level);
        failures.add(catchThrowable(() -> Await.result(view.request("t", "x", String.class))));
      }
    }

    assertThat(failures)
        .allMatch(
            f ->
                f == null
                    || f.getCause() instanceof NoPathException
                    || f.getCause() instanceof OverloadedException,
            "a path or none");
  }

  @Test
  void aFifthSessionIsRefusedWhileTheOthersAreInUse() {
    String here = "memory:needs-" + UUID.randomUUID();
    try (Messenger both =
        serve(Messenger.builder("both").listen("grpc://127.0.0.1:0").listen(here).build())) {
      Remote two = client.connect(here, both.endpoints().get(0));
      List<Throwable> ends = new ArrayList<>();
      for (DeliveryGuarantee delivery : DeliveryGuarantee.values()) {
        for (SecurityLevel level : List.of(SecurityLevel.ENCRYPTED, SecurityLevel.MUTUAL)) {
          Remote view = two.with(Requirements.security(level).withDelivery(delivery));
          ends.add(catchThrowable(() -> Await.result(view.subscribe("n", String.class, v -> {}))));
        }
      }

      assertThat(ends.subList(0, MOST_SESSIONS)).containsOnlyNulls();
      assertThat(ends.subList(MOST_SESSIONS, ends.size()))
          .isNotEmpty()
          .allMatch(e -> e.getCause() instanceof OverloadedException);
    }
  }
}
