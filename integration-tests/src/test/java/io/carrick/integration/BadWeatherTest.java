package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.testkit.FaultProxy.Direction;
import io.carrick.testkit.Weather;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that come in pieces, late and not evenly: only slower. */
@OverEachTransport
@Timeout(60)
final class BadWeatherTest {

  private static final long SEED = 11;
  private static final Duration MAX_WAIT = Duration.ofSeconds(40);

  @TempDir Path directory;

  private final TestTransport transport;

  BadWeatherTest(TestTransport transport) {
    this.transport = transport;
  }

  @Test
  void nothingIsLostWhereBytesComeInPiecesLateAndUnevenly() {
    String client = "weather-client-" + transport.ordinal();
    String server = "weather-server-" + transport.ordinal();
    try (TestPath path = TestPath.over(transport, directory, "path", client, server, SEED);
        Messenger serving = TestTls.messenger(server).listen(path.listens()).build();
        Messenger calling = TestTls.messenger(client).build()) {
      new TrafficServer(serving);
      if (path.hasProxy()) {
        Weather pieces = Weather.CLEAR.withMaxSlice(50).withJitter(Duration.ofMillis(2));
        path.proxy().weather(Direction.TO_SERVER, pieces);
        path.proxy().weather(Direction.TO_CLIENT, pieces.withLatency(Duration.ofMillis(3)));
      }
      try (Traffic traffic = new Traffic(calling.connect(path.dials()))) {
        traffic.await(2_000, 200, MAX_WAIT);
        traffic.stop();
      }
      assertThat(path.connections()).isEqualTo(1);
    }
  }
}
