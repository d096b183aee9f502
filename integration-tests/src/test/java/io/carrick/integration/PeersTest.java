package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.AdvertisedEndpoints;
import io.carrick.CallOptions;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whom {@code peers()} has, and how many sessions a client makes. */
@Tag("side-by-side")
@Timeout(60)
final class PeersTest {

  private static final List<String> SMALL = List.of("-Xmx64m", "-XX:TieredStopAtLevel=1");

  /** Far less than the 120 s that the session of a client without a connection is kept. */
  private static final Duration SOON = Duration.ofSeconds(3);

  @TempDir Path directory;

  static Stream<Arguments> killed() {
    return Stream.of(
        Arguments.of(TestTransport.UNIX, 120_000),
        Arguments.of(TestTransport.UNIX, 0),
        Arguments.of(TestTransport.GRPC, 120_000),
        Arguments.of(TestTransport.GRPC, 0));
  }

  private static Messenger serve(String endpoint) {
    Messenger server = Messenger.builder("server").listen(endpoint).build();
    server.handle("echo", String.class, text -> text);
    return server;
  }

  @ParameterizedTest
  @MethodSource("killed")
  void aClientThatWasKilledIsNoPeer(TestTransport transport, long resumeMillis) {
    String endpoint = transport.endpoint(directory);
    try (Messenger server = serve(endpoint)) {
      Remote peer;
      try (ChildJvm client =
          ChildJvm.start(PeerProcess.class, SMALL, endpoint, String.valueOf(resumeMillis))) {
        client.await("ready");
        assertThat(server.peers()).hasSize(1);
        peer = server.peers().get(0);
        client.kill();
      }

      Await.until(() -> "it is no peer any more", SOON, () -> server.peers().isEmpty());
      assertThat(peer.explain().chosen()).isEmpty();
      Await.until(
          () -> "it is told; " + peer.explain().events(),
          SOON,
          () ->
              peer.explain().events().stream()
                  .anyMatch(event -> event.what() == PathEvent.What.SUSPENDED));
    }
  }

  @Test
  void aPeerThatComesBackIsTheSame() throws Exception {
    Path socket = directory.resolve("s");
    try (Messenger server = serve("unix:" + socket);
        FaultProxy proxy = FaultProxy.unix(directory.resolve("p"), socket, 1);
        Messenger client =
            Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build()) {
      Remote remote = client.connect("unix:" + directory.resolve("p"));
      Await.result(remote.request("echo", "x", String.class));
      Remote peer = server.peers().get(0);

      proxy.refuse();
      proxy.cut();
      Await.until(() -> "it is away", SOON, () -> server.peers().isEmpty());

      proxy.admit();
      Await.until("it is back", () -> !server.peers().isEmpty());
      assertThat(server.peers()).containsExactly(peer);
    }
  }

  @ParameterizedTest
  @EnumSource(TestTransport.class)
  void eachRemoteHasASessionAndItsViewsShareIt(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    try (Messenger server = TestTls.messenger("server").listen(endpoint).build();
        Messenger client = TestTls.messenger("client").build()) {
      server.handle("echo", String.class, text -> text);
      Remote first = client.connect(endpoint);
      Await.result(first.request("echo", "x", String.class));
      Await.result(
          first
              .with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(5)))
              .request("echo", "x", String.class));
      assertThat(server.peers()).hasSize(1);

      Remote second = client.connect(endpoint);
      Await.result(second.request("echo", "x", String.class));
      assertThat(server.peers()).hasSize(2);

      second.close();
      Await.until("its session ends", () -> server.peers().size() == 1);
      assertThat(Await.result(first.request("echo", "x", String.class))).isEqualTo("x");
    }
  }
}
