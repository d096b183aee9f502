package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that move while they are used: asked for by either side, upgraded, drained. */
@Timeout(60)
class MoveTest {

  @TempDir Path directory;
  private Messenger server;
  private Messenger client;
  private String one;
  private String two;

  @BeforeEach
  void open() {
    one = "unix:" + directory.resolve("one.sock");
    two = "unix:" + directory.resolve("two.sock");
    server = serve("one", one, two);
    client = Messenger.builder("client").build();
  }

  private static Messenger serve(String name, String... endpoints) {
    Messenger.Builder builder = Messenger.builder("service");
    for (String endpoint : endpoints) {
      builder.listen(endpoint);
    }
    Messenger messenger = builder.build();
    messenger.handle("who", String.class, q -> name);
    messenger.handleStream("count", Long.class, Source::numbers);
    return messenger;
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aStreamGoesOnWhileItsSessionIsMovedByHand() {
    Remote remote = client.connect(one, two);
    Queue<PathEvent> events = new ConcurrentLinkedQueue<>();
    remote.onPathEvent(events::add);
    Numbers numbers = Numbers.read(remote, 100_000);
    Await.until("it runs", () -> numbers.received.get() > 100);

    for (int i = 0; i < 10; i++) {
      Await.result(remote.move(i % 2 == 0 ? two : one));
    }

    numbers.assertWhole(100_000);
    Await.until(
        "moves are told",
        () -> events.stream().filter(e -> e.what() == PathEvent.What.MOVED).count() == 10);
    assertThat(remote.explain().chosen()).contains(one);
    assertThat(remote.explain().toJson()).contains("moved", "\"advertised\":false");
  }

  @Test
  void aMoveToWhereItIsChangesNothing() {
    Remote remote = client.connect(one, two);
    Await.result(remote.connect());
    Await.result(remote.move(two));
    long told = moves(remote);

    Await.result(remote.move(two));

    assertThat(remote.explain().chosen()).contains(two);
    assertThat(told).isEqualTo(1);
    assertThat(moves(remote)).isEqualTo(told);
  }

  @Test
  void aMoveToWhatThePolicyForbidsFailsUntilThatIsChanged() {
    String forbidden = "grpc://127.0.0.1:1";
    try (Messenger telling =
        Messenger.builder("telling")
            .listen("unix:" + directory.resolve("telling.sock"))
            .advertise(forbidden)
            .build()) {
      Remote remote = client.connect(telling.endpoints().get(0));
      Await.result(remote.connect());
      Await.until(
          "it is refused",
          () ->
              remote.explain().events().stream()
                  .anyMatch(e -> e.what() == PathEvent.What.REFUSED && e.to().equals(forbidden)));

      EndpointException failure = Failures.in(remote.move(forbidden), EndpointException.class);

      Failures.check(
          failure, StatusCode.FAILED_PRECONDITION, Delivered.NO, forbidden, "advertisedEndpoints");
      assertThat(failure.retrySafe()).isFalse();
    }
  }

  @Test
  void aMoveIsNotHeldUpByWhatIsMeasured() {
    String any = "grpc://127.0.0.1:0";
    try (Messenger service = serve("three", any, any, any)) {
      List<String> all = service.endpoints();
      for (int i = 0; i < 20; i++) {
        Remote remote = client.connect(all.get(0), all.get(1), all.get(2));
        Await.result(remote.connect());
        // It begins to measure the others, one after the other.
        assertThat(remote.explain().chosen()).isPresent();

        for (String endpoint : all) {
          Await.result(remote.move(endpoint));
        }
        remote.close();
      }
    }
  }

  private static long moves(Remote remote) {
    return remote.explain().events().stream().filter(e -> e.what() == PathEvent.What.MOVED).count();
  }

  @Test
  void theListeningSideAsksToMove() {
    Remote remote = client.connect(one, two);
    assertThat(Await.result(remote.request("who", "", String.class))).isEqualTo("one");

    Await.result(server.peers().get(0).move());

    Await.until("it moved", () -> remote.explain().chosen().equals(java.util.Optional.of(two)));
  }

  @Test
  void anAdvertisedSocketTakesOverAndTheConfiguredOneTakesBack() {
    // The client knows one only, and learns of two.
    Remote remote = client.connect(one);
    Await.result(remote.connect());
    Await.until(
        "two is known",
        () -> remote.explain().candidates().stream().anyMatch(c -> c.endpoint().equals(two)));

    Await.result(remote.move(two));
    assertThat(remote.explain().chosen()).contains(two);
    Await.result(remote.move(one));
    assertThat(remote.explain().chosen()).contains(one);
  }

  @Test
  void anAdvertisedSocketThatLeadsToAnotherInstanceHarmsNothing() {
    server.close();
    server = Messenger.builder("service").listen(one).advertise(two).build();
    server.handle("who", String.class, q -> "one");
    try (Messenger other = serve("two", two)) {
      Remote remote = client.connect(one);
      assertThat(Await.result(remote.request("who", "", String.class))).isEqualTo("one");
      String instance = remote.instance().orElseThrow();

      assertThatThrownBy(() -> Await.result(remote.move(two)))
          .cause()
          .isInstanceOf(ConnectException.class);

      assertThat(Await.result(remote.request("who", "", String.class))).isEqualTo("one");
      assertThat(remote.instance()).contains(instance);
      assertThat(other.peers()).isEmpty();
    }
  }

  @Test
  void anEndpointThatIsNoneOfTheRemotesIsRefused() {
    Remote remote = client.connect(one);
    Await.result(remote.connect());

    assertThatThrownBy(() -> Await.result(remote.move("unix:/run/other.sock")))
        .cause()
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("/run/other.sock");
  }

  @Test
  void aMoveWithoutASessionFails() {
    assertThatThrownBy(() -> Await.result(client.connect(one).move()))
        .cause()
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("connect() first");
  }

  @Test
  void aDrainedInstanceEndsItsStreamsAndNewCallsGoToTheOther() {
    server.close();
    server = serve("one", one);
    try (Messenger second = serve("two", two)) {
      Remote remote = client.connect(one, two);
      assertThat(Await.result(remote.request("who", "", String.class))).isEqualTo("one");
      Numbers numbers = Numbers.read(remote, 200_000);
      Await.until("it runs", () -> numbers.received.get() > 100);

      CompletableFuture<Void> drained = server.drain(Duration.ofSeconds(20));
      Await.until(
          "new calls go to the other instance",
          () -> Await.result(remote.request("who", "", String.class)).equals("two"));

      numbers.assertWhole(200_000);
      Await.result(drained);
      assertThat(second.peers()).hasSize(1);
    }
  }

  /** Checks that every number comes once and in order. */
  private static final class Numbers implements Flow.Subscriber<Long> {
    private final AtomicInteger received = new AtomicInteger();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile String fault = "";
    private Flow.Subscription subscription;

    static Numbers read(Remote remote, int count) {
      Numbers numbers = new Numbers();
      remote.stream("count", (long) count, Long.class).subscribe(numbers);
      return numbers;
    }

    void assertWhole(int count) {
      Await.result(end.orTimeout(40, SECONDS));
      assertThat(fault).isEmpty();
      assertThat(received).hasValue(count);
    }

    @Override
    public void onSubscribe(Flow.Subscription value) {
      subscription = value;
      value.request(256);
    }

    @Override
    public void onNext(Long number) {
      if (number != received.getAndIncrement()) {
        fault = number + " came as " + received.get();
      }
      subscription.request(1);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }
  }
}
