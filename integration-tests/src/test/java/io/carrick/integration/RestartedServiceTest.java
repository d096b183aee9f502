package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.AdvertisedEndpoints;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client with a socket and a network endpoint, and a service that comes back. */
@Tag("side-by-side")
@Timeout(90)
class RestartedServiceTest {

  /** An endpoint that could not be connected is tried again after 10 s, in the look after that. */
  private static final Duration RETURNS = Duration.ofSeconds(30);

  @TempDir Path directory;

  private Messenger serve(String endpoint) {
    Messenger service =
        Messenger.builder("service")
            .listen(endpoint)
            .listen("unix:" + directory.resolve("hidden/s.sock"))
            .build();
    service.handle("e", String.class, text -> text);
    return service;
  }

  @Test
  void theClientGoesBackToTheSocketThatWasDownForLong() {
    Messenger first = serve("grpc://127.0.0.1:0");
    String served = first.endpoints().get(0);
    // Both are relayed, and the network takes its time: it is measured which of them is faster.
    try (FaultProxy socket =
            FaultProxy.unix(directory.resolve("s.sock"), directory.resolve("hidden/s.sock"), 1);
        FaultProxy network = TestPath.network(served);
        Messenger client =
            Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build()) {
      String plain = TestPath.over(served, network);
      Remote remote = client.connect("unix:" + socket.path(), plain);
      assertThat(Await.result(remote.request("e", "1", String.class))).isEqualTo("1");
      assertThat(remote.explain().chosen()).contains("unix:" + socket.path());

      socket.refuse();
      first.close();
      CompletableFuture<String> waits = remote.request("e", "2", String.class);
      // Each round in vain doubles for how long an endpoint is left alone beside one that works.
      Await.until("some rounds were in vain", () -> failed(remote) >= 8);
      try (Messenger second = serve(served)) {
        assertThat(Await.result(waits)).isEqualTo("2");
        assertThat(remote.explain().chosen()).contains(plain);
        socket.admit();

        Await.until(
            () -> "it is back: " + remote.explain(),
            RETURNS,
            () -> remote.explain().chosen().equals(Optional.of("unix:" + socket.path())));
        assertThat(remote.instance()).contains(second.instance());
      }
    }
  }

  private static long failed(Remote remote) {
    return remote.explain().events().stream()
        .filter(e -> e.what() == PathEvent.What.FAILED)
        .count();
  }
}
