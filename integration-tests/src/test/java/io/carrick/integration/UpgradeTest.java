package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.AdvertisedEndpoints;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that came in over gRPC moves to a Unix socket of its host by itself, and back. */
@Timeout(60)
class UpgradeTest {

  @TempDir Path directory;
  private Path shared;
  private Path hidden;

  @BeforeEach
  void directories() throws Exception {
    shared = Files.createDirectory(directory.resolve("shared"));
    hidden = Files.createDirectory(directory.resolve("hidden"));
  }

  private Messenger serve(String advertised) {
    Messenger server =
        Messenger.builder("server")
            .listen("grpc://127.0.0.1:0")
            .listen("unix:" + hidden.resolve("server.sock"))
            .advertise(advertised)
            .build();
    CountingStream.serve(server);
    return server;
  }

  /** Its own socket says in which directory it may dial. */
  private Messenger.Builder client() {
    return Messenger.builder("client").listen("unix:" + shared.resolve("client.sock"));
  }

  @Test
  void itMovesToTheSocketByItselfAndBackWhenThatDies() {
    Path socket = shared.resolve("proxy.sock");
    String upgrade = "unix:" + socket;
    try (FaultProxy proxy = FaultProxy.unix(socket, hidden.resolve("server.sock"), 20261123);
        Messenger server = serve(upgrade);
        FaultProxy network = TestPath.network(server.endpoints().get(0));
        Messenger client = client().build()) {
      String grpc = TestPath.over(server.endpoints().get(0), network);
      Remote remote = client.connect(grpc);
      Queue<PathEvent> events = new ConcurrentLinkedQueue<>();
      remote.onPathEvent(events::add);
      CountingStream beside = new CountingStream(remote);

      Await.until(
          () -> "it moved to the socket: " + remote.explain(),
          Duration.ofSeconds(30),
          () -> remote.explain().chosen().equals(Optional.of(upgrade)));
      proxy.refuse();
      proxy.reset();
      Await.until("it went back", () -> remote.explain().chosen().equals(Optional.of(grpc)));
      Await.until(
          "its listener was told, which happens later",
          () -> events.stream().anyMatch(e -> e.what() == PathEvent.What.RESUMED));

      assertThat(events)
          .extracting(PathEvent::what)
          .contains(PathEvent.What.MOVED, PathEvent.What.SUSPENDED, PathEvent.What.RESUMED);
      assertThat(events)
          .as("what is outside of the client's directories is refused or not tried")
          .noneMatch(e -> e.to().contains("hidden") && e.what() == PathEvent.What.MOVED);
      beside.verify();
      beside.close();
      assertThat(remote.explain().toString()).contains("advertised");
    }
  }

  @Test
  void aClientThatDialsNothingAdvertisedStays() {
    Path socket = shared.resolve("proxy.sock");
    try (FaultProxy proxy = FaultProxy.unix(socket, hidden.resolve("server.sock"), 20261123);
        Messenger server = serve("unix:" + socket);
        Messenger client = client().advertisedEndpoints(AdvertisedEndpoints.NONE).build()) {
      Remote remote = client.connect(server.endpoints().get(0));
      try (CountingStream beside = new CountingStream(remote)) {
        for (int i = 0; i < 20; i++) {
          beside.verify();
        }
      }
      assertThat(proxy.accepted()).isZero();
      assertThat(remote.explain().candidates()).hasSize(1);
      assertThat(List.of(server.endpoints().get(0))).isEqualTo(remote.endpoints());
    }
  }
}
