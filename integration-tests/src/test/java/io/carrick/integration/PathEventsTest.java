package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.AdvertisedEndpoints;
import io.carrick.CallOptions;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.PathEvent.What;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each remote tells of the paths of its own session, and of nothing else. */
@Timeout(60)
class PathEventsTest {

  private static final Requirements MUTUAL = Requirements.security(SecurityLevel.MUTUAL);

  @TempDir Path directory;
  private Messenger service;
  private Messenger client;
  private String one;
  private String two;
  private FaultProxy proxy;

  @BeforeEach
  void open() {
    one = "unix:" + directory.resolve("one.sock");
    two = "unix:" + directory.resolve("two.sock");
    service =
        Messenger.builder("service")
            .listen(one)
            .listen(two)
            .listen("grpc://127.0.0.1:0")
            .resumeTime(Duration.ZERO)
            .build();
    service.handle("e", String.class, text -> text);
    client = Messenger.builder("client").build();
    proxy = FaultProxy.unix(directory.resolve("p.sock"), directory.resolve("one.sock"), 1);
  }

  @AfterEach
  void close() {
    client.close();
    service.close();
    proxy.close();
  }

  private static List<What> kinds(Remote remote) {
    return remote.explain().events().stream().map(PathEvent::what).toList();
  }

  private static Remote peer(Messenger of) {
    Await.until("it knows its peer", () -> !of.peers().isEmpty());
    return of.peers().get(0);
  }

  @Test
  void aPlannedMoveIsToldToThePeerAsWhatItIs() {
    try (Messenger lasting =
        Messenger.builder("lasting").listen(one + "2").listen(two + "2").build()) {
      Remote remote = client.connect(one + "2", two + "2");
      Await.result(remote.connect());
      Remote peer = peer(lasting);
      ConcurrentLinkedQueue<PathEvent> heard = new ConcurrentLinkedQueue<>();
      peer.onPathEvent(heard::add);

      Await.result(remote.move(two + "2"));

      Await.until("it is told", () -> !heard.isEmpty());
      PathEvent moved = heard.remove();
      assertThat(moved.what()).isEqualTo(What.MOVED);
      assertThat(moved.from()).isNotEmpty();
      assertThat(kinds(peer)).containsExactly(What.CONNECTED, What.MOVED);
    }
  }

  @Test
  void aPeerWhoseConnectionBreaksIsToldOfAndHasNoPathMeanwhile() {
    try (Messenger lasting =
            Messenger.builder("lasting").listen("unix:" + directory.resolve("l.sock")).build();
        FaultProxy way =
            FaultProxy.unix(directory.resolve("w.sock"), directory.resolve("l.sock"), 1)) {
      client.close();
      client = Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build();
      Remote remote = client.connect("unix:" + way.path());
      Await.result(remote.connect());
      Remote peer = peer(lasting);
      assertThat(peer.explain().chosen()).isPresent();
      ConcurrentLinkedQueue<What> heard = new ConcurrentLinkedQueue<>();
      peer.onPathEvent(event -> heard.add(event.what()));

      way.refuse();
      way.cut();
      Await.until("it is told", () -> heard.contains(What.SUSPENDED));
      assertThat(peer.explain().chosen()).isEmpty();
      way.admit();

      Await.until("it is told", () -> heard.contains(What.RESUMED));
      assertThat(peer.explain().chosen()).isPresent();
      client.close();
      Await.until("its end is told", () -> heard.contains(What.LOST));
    }
  }

  @Test
  void aPeerThatIsGoneHasNoPathWhereSessionsDoNotOutliveTheirConnections() {
    client.close(); // Over another path it could be back before its service finds this one broken.
    client = Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build();
    Remote remote = client.connect("unix:" + proxy.path());
    Await.result(remote.connect());
    Remote peer = peer(service);

    proxy.refuse();
    proxy.cut();

    Await.until("its end is told", () -> kinds(peer).contains(What.LOST));
    assertThat(service.peers()).isEmpty();
    assertThat(peer.explain().chosen()).isEmpty();
  }

  @Test
  void aViewTellsOfItsOwnSession() {
    String plain = service.endpoints().get(2);
    Remote remote = client.connect(plain, one);
    Remote view = remote.with(MUTUAL);
    ConcurrentLinkedQueue<PathEvent> ofView = new ConcurrentLinkedQueue<>();
    view.with(CallOptions.DEFAULT).onPathEvent(ofView::add);
    Await.result(remote.connect());
    assertThat(view.instance()).isEmpty();

    assertThat(Await.result(view.request("e", "x", String.class))).isEqualTo("x");

    Await.until("it is told", () -> !ofView.isEmpty());
    assertThat(ofView)
        .filteredOn(e -> e.what() == What.CONNECTED)
        .extracting(PathEvent::to)
        .containsExactly(one);
    assertThat(view.instance()).contains(service.instance());
    assertThat(kinds(remote)).containsOnlyOnce(What.CONNECTED);
  }

  @Test
  void theEndOfAViewsSessionTakesNothingFromTheFirst() {
    String plain = service.endpoints().get(2);
    // The client knows one socket beside the plain endpoint, and is told of the other.
    Remote remote = client.connect(plain, one);
    Remote view = remote.with(MUTUAL);
    Await.result(remote.connect());
    Remote first = peer(service);
    Await.until("it knows two", () -> knows(remote));
    assertThat(Await.result(view.request("e", "x", String.class))).isEqualTo("x");
    Await.until("there are two sessions", () -> service.peers().size() == 2);

    service.peers().stream().filter(peer -> peer != first).forEach(Remote::close);

    Await.until("it has ended", () -> view.instance().isEmpty());
    assertThat(knows(remote)).isTrue();
    assertThat(remote.explain().chosen()).isPresent();
  }

  private boolean knows(Remote remote) {
    return remote.explain().candidates().stream().anyMatch(c -> c.endpoint().equals(two));
  }
}
