package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AdvertisedEndpoints;
import io.carrick.ConnectException;
import io.carrick.DeliveryGuarantee;
import io.carrick.Explanation;
import io.carrick.Messenger;
import io.carrick.NoPathException;
import io.carrick.PathEvent.What;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import io.carrick.testkit.FaultProxy.Direction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sentences of docs/selection.md, in its order. Those on latency are in LatencyTest, on calls
 * that bind their session in BoundByNeedsTest, on silent endpoints in SilentEndpointTest, on many
 * clients in ResumeStormTest and RedialTest, on draining in MoveTest, on which advertised sockets
 * are dialled in AdvertisedPolicyTest.
 */
@Timeout(60)
class SelectionPageTest {

  private static final Requirements MUTUAL = Requirements.security(SecurityLevel.MUTUAL);

  @TempDir Path directory;
  private Messenger service;
  private Messenger client;
  private FaultProxy proxy;
  private String socket;
  private String plain;

  @BeforeEach
  void open() {
    service = serve("service", "unix:" + directory.resolve("hidden/s.sock"), "grpc://127.0.0.1:0");
    plain = service.endpoints().get(1);
    client = Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build();
    proxy = FaultProxy.unix(directory.resolve("s.sock"), directory.resolve("hidden/s.sock"), 1);
    socket = "unix:" + proxy.path();
  }

  private static Messenger serve(String answer, String... endpoints) {
    return serve(Messenger.builder("service"), answer, endpoints);
  }

  private static Messenger serve(Messenger.Builder builder, String answer, String... endpoints) {
    for (String endpoint : endpoints) {
      builder.listen(endpoint);
    }
    Messenger messenger = builder.build();
    messenger.handle("who", String.class, text -> answer);
    messenger.handleStream("s", String.class, text -> Source.of(Long.MAX_VALUE, n -> text));
    return messenger;
  }

  @AfterEach
  void close() {
    client.close();
    service.close();
    proxy.close();
  }

  private static String who(Remote remote) {
    return Await.result(remote.request("who", "", String.class));
  }

  private static Optional<String> path(Remote remote) {
    return remote.explain().chosen();
  }

  private static long told(Remote remote, What what) {
    return remote.explain().events().stream().filter(e -> e.what() == what).count();
  }

  private static Explanation.Candidate candidate(Remote remote, String endpoint) {
    return remote.explain().candidates().stream()
        .filter(c -> c.endpoint().equals(endpoint))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void nothingIsDialledBeforeTheFirstCall() {
    Remote remote = client.connect(socket);
    assertThat(remote.explain().chosen()).isEmpty();
    assertThat(proxy.accepted()).isZero();

    who(remote);

    assertThat(proxy.accepted()).isEqualTo(1);
  }

  // Needs.

  @Test
  void needsOfAViewOfAViewAddUp() {
    Remote both = client.connect(plain).with(MUTUAL).with(Requirements.NONE.idempotent());

    assertThat(both.explain().requirements().security()).isEqualTo(SecurityLevel.MUTUAL);
    assertThat(both.explain().requirements().isIdempotent()).isTrue();
    assertThatThrownBy(() -> who(both)).hasCauseInstanceOf(NoPathException.class);
  }

  @Test
  void aPeerThatDialledChoosesThePathItself() {
    Await.result(client.connect(plain).connect());
    Await.until("it came", () -> !service.peers().isEmpty());
    Remote peer = service.peers().get(0);

    assertThatThrownBy(() -> who(peer.with(MUTUAL)))
        .hasCauseInstanceOf(NoPathException.class)
        .hasMessageContaining("the peer dialled, and chooses the path");
    assertThatThrownBy(() -> Await.result(peer.move(plain)))
        .hasMessageContaining("dialled, and chooses its paths");
  }

  @Test
  void aUnixSocketCountsAsMutualAndEveryPathGivesExactlyOnce() {
    Requirements strict = MUTUAL.withDelivery(DeliveryGuarantee.EXACTLY_ONCE);

    assertThat(who(client.connect(socket).with(strict))).isEqualTo("service");
    assertThat(
            who(
                client
                    .connect(plain)
                    .with(Requirements.NONE.withDelivery(DeliveryGuarantee.EXACTLY_ONCE))))
        .isEqualTo("service");
  }

  @Test
  void noEndpointOfThisVersionIsDurable() {
    assertThatThrownBy(() -> who(client.connect(socket, plain).with(Requirements.NONE.durable())))
        .hasCauseInstanceOf(NoPathException.class);
  }

  @Test
  void theRefusalListsEachEndpointWithTheReasonAndWhatWouldHelp() {
    String other = "grpc://127.0.0.1:1";

    assertThatThrownBy(() -> who(client.connect(plain, other).with(MUTUAL)))
        .cause()
        .isInstanceOfSatisfying(
            NoPathException.class,
            e -> {
              assertThat(e.rejections())
                  .extracting(NoPathException.Rejection::endpoint)
                  .containsExactly(plain, other);
              assertThat(e.rejections())
                  .allMatch(r -> r.reason().contains("below the MUTUAL needed"))
                  .allMatch(r -> r.remedy().contains("unix:/path"));
            });
  }

  // Rank.

  @Test
  void whatFailedLastComesLastThenTheLeastDeclaredRoundTripThenTheFirstNamed() {
    String again = plain.replace("127.0.0.1", "127.0.0.2");
    Remote remote = client.connect(again, plain, socket);

    // Nothing was measured: 50 us, and 50 us for each point of the cost.
    assertThat(remote.explain().candidates())
        .extracting(Explanation.Candidate::endpoint)
        .containsExactly(socket, again, plain);
    assertThat(candidate(remote, socket).score()).isLessThan(candidate(remote, plain).score());
    assertThat(candidate(remote, plain).score()).isEqualTo(candidate(remote, again).score());

    proxy.refuse();
    who(remote);

    assertThat(candidate(remote, socket).failures()).isPositive();
    List<Explanation.Candidate> ranked = remote.explain().candidates();
    assertThat(ranked.get(ranked.size() - 1).failures()).isPositive();
    assertThat(path(remote)).contains(plain);
  }

  @Test
  void eachIsTriedWithinTheTimeToConnect() {
    proxy.blackHole(Direction.values());
    try (Messenger impatient =
        Messenger.builder("impatient").connectTimeout(Duration.ofMillis(300)).build()) {
      Remote remote = impatient.connect(socket, plain);

      assertThat(who(remote)).isEqualTo("service");
      assertThat(path(remote)).contains(plain);
    }
  }

  @Test
  void aRemoteHasOneSessionForAllItsCallsAndAnotherForHardNeeds() {
    Remote remote = client.connect(plain, socket);
    who(remote);
    who(remote.with(Requirements.NONE.idempotent()));
    Await.until("one has begun", () -> service.peers().size() == 1);

    who(remote.with(MUTUAL));

    Await.until("another has begun", () -> service.peers().size() == 2);
    assertThat(path(remote.with(MUTUAL))).contains(socket);
  }

  @Test
  void needsThatNobodyMeetsTakeNoPlaceOfTheFour() {
    Remote remote = client.connect(plain, socket);
    for (SecurityLevel level : SecurityLevel.values()) {
      for (DeliveryGuarantee delivery : DeliveryGuarantee.values()) {
        Requirements needs = Requirements.security(level).withDelivery(delivery).durable();
        assertThatThrownBy(() -> who(remote.with(needs))).hasCauseInstanceOf(NoPathException.class);
      }
    }

    assertThat(who(remote.with(MUTUAL))).isEqualTo("service");
    assertThat(remote.with(MUTUAL).service()).contains("service");
  }

  @Test
  void connectCanGiveTheFirstSessionItsNeeds() {
    Remote remote = client.connect(MUTUAL, plain, socket);

    who(remote);

    assertThat(path(remote)).contains(socket);
    assertThat(service.peers()).hasSize(1);
  }

  // When it goes wrong.

  @Test
  void theFirstSessionMustComeAtOnce() {
    proxy.refuse();
    String closed = "grpc://127.0.0.1:1";
    Remote remote = client.connect(socket, closed);
    CompletableFuture<String> one = remote.request("who", "", String.class);
    CompletableFuture<Void> two = remote.send("who", "");

    for (CompletableFuture<?> waiting : List.of(one, two)) {
      assertThatThrownBy(() -> Await.result(waiting))
          .hasCauseInstanceOf(ConnectException.class)
          .hasMessageContaining(socket + ": ")
          .hasMessageContaining(closed + ": ");
    }
  }

  @Test
  void aLostSessionIsReplacedWhenACallNeedsIt() {
    Remote remote = client.connect(plain);
    who(remote);
    service.close();
    Await.until("it is lost", () -> told(remote, What.LOST) == 1);
    CompletableFuture<String> waits = remote.request("who", "", String.class);

    service = serve("another", plain);

    assertThat(Await.result(waits)).isEqualTo("another");
  }

  // A session moves.

  @Test
  void itGoesOnOverAnotherPathWhenItsConnectionBreaks() {
    Remote remote = client.connect(socket, plain);
    who(remote);
    Items<String> items = Items.asking(1);
    remote.stream("s", "x", String.class).subscribe(items);
    Await.until("it runs", () -> items.count() == 1);
    proxy.cut();

    items.request(1);

    Await.until("it goes on", () -> items.count() == 2);
    assertThat(told(remote, What.RESUMED)).isEqualTo(1);
    assertThat(told(remote, What.LOST)).isZero();
    items.cancel();
  }

  @Test
  void aSocketWhereAnotherInstanceAnswersShowsThatOursIsGone() {
    try (FaultProxy way =
        FaultProxy.unix(directory.resolve("way.sock"), directory.resolve("one/s.sock"), 1)) {
      // Its own end of the session is over as soon as the connection is.
      Messenger one =
          serve(
              Messenger.builder("service").resumeTime(Duration.ZERO),
              "one",
              "unix:" + directory.resolve("one/s.sock"));
      Remote remote = client.connect("unix:" + way.path());
      Items<String> items = Items.asking(1);
      remote.stream("s", "x", String.class).subscribe(items);
      Await.until("it runs", () -> items.count() == 1);

      way.refuse();
      way.cut();
      one.close();
      try (Messenger two = serve("two", "unix:" + directory.resolve("one/s.sock"))) {
        way.admit();

        items.failure(SessionLostException.class);
        assertThat(who(remote)).isEqualTo("two");
        assertThat(remote.instance()).contains(two.instance());
      }
    }
  }

  // A trial.

  @Test
  void aTrialIsNoSessionAtTheService() {
    Remote remote = client.connect(plain, plain.replace("127.0.0.1", "localhost"));
    who(remote);
    Await.until("it came", () -> service.peers().size() == 1);
    String other = remote.explain().candidates().get(1).endpoint();

    Await.until(
        () -> "it is measured because explain() asks: " + remote.explain(),
        Duration.ofSeconds(20),
        () -> candidate(remote, other).rttMicros() > 0);

    assertThat(service.peers()).hasSize(1);
    assertThat(told(remote, What.MOVED)).isZero();
  }

  // Many clients.

  @Test
  void theSpreadIsUpToAMinute() {
    Messenger.Builder builder = Messenger.builder("service");

    assertThat(builder.resumeSpread(Duration.ofSeconds(60))).isSameAs(builder);
    assertThatThrownBy(() -> builder.resumeSpread(Duration.ofSeconds(61)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT1M1S");
  }

  // Advertised endpoints.

  @Test
  void aServiceTellsEightEndpointsAtMost() {
    Messenger.Builder builder = Messenger.builder("telling").listen("grpc://127.0.0.1:0");
    IntStream.range(0, 8).forEach(i -> builder.advertise("grpc://10.0.0." + i + ":7400"));
    try (Messenger telling = builder.listen("unix:" + directory.resolve("t.sock")).build();
        Messenger hearing =
            Messenger.builder("hearing")
                .advertisedEndpoints(AdvertisedEndpoints.SAME_HOST)
                .build()) {
      Remote remote = hearing.connect(telling.endpoints().get(0));
      Await.result(remote.connect());
      Await.until("it is told", () -> remote.explain().candidates().size() == 9);

      assertThat(remote.explain().candidates())
          .filteredOn(Explanation.Candidate::advertised)
          .hasSize(8)
          .noneMatch(c -> c.endpoint().startsWith("unix:"));
      // Network endpoints are no concern of SAME_HOST: nobody dials them, and explain() says so.
      Await.until(
          "all are refused",
          () ->
              remote.explain().candidates().stream()
                  .filter(Explanation.Candidate::advertised)
                  .noneMatch(Explanation.Candidate::eligible));
      assertThat(told(remote, What.REFUSED)).isEqualTo(8);
      assertThat(told(remote, What.FAILED)).isZero();
    }
  }

  // Explained.

  @Test
  void theLastSixtyFourEventsAreKeptAndTheRecordIsATableOrJson() {
    try (Messenger two =
        serve(
            "two", "unix:" + directory.resolve("a.sock"), "unix:" + directory.resolve("b.sock"))) {
      Remote remote = client.connect(two.endpoints().get(0), two.endpoints().get(1));
      who(remote);
      for (int i = 0; i < 70; i++) {
        Await.result(remote.move());
      }

      Explanation explained = remote.explain();

      assertThat(explained.events()).hasSize(64).allMatch(e -> !e.reason().isEmpty());
      assertThat(explained.toString()).contains("* unix:", "  unix:", "moved");
      assertThat(explained.toJson()).startsWith("{").endsWith("}").contains("\"candidates\":[");
    }
  }

  @Test
  void whatTheFloorRefusesIsNotEligible() {
    Remote remote = client.connect(plain, socket);

    remote.raiseFloor(SecurityLevel.MUTUAL);

    assertThat(candidate(remote, plain).eligible()).isFalse();
    assertThat(candidate(remote, socket).eligible()).isTrue();
    assertThat(who(remote)).isEqualTo("service");
    assertThat(path(remote)).contains(socket);
  }
}
