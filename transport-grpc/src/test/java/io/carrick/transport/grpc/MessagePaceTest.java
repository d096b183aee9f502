package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import io.carrick.spi.Connection;
import io.carrick.testkit.NoCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that begin a message and let it wait. */
@Timeout(60)
final class MessagePaceTest {

  @Test
  void t10_aMessageThatDripsInWholeFramesIsCutOff() throws IOException {
    PeerLimits limits = PeerLimits.DEFAULT.withLeastRate(1_000, Duration.ofMillis(500));
    ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    try (Grpc grpc =
            new Grpc("grpc://127.0.0.1:0", TlsConfig.SYSTEM, limits, Grpc::echo, new NoCalls());
        RawHttp2 peer = new RawHttp2(grpc.port())) {
      Connection beside = grpc.connect();
      grpc.roundTrip(beside);
      peer.begin();
      peer.write(
          RawHttp2.frame(
              RawHttp2.HEADERS,
              RawHttp2.END_HEADERS,
              1,
              RawHttp2.headers("/carrick.v1.Carrick/Session")));
      peer.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[] {0, 0, 0, 100, 0}));
      drip.scheduleAtFixedRate(() -> one(peer), 0, 20, TimeUnit.MILLISECONDS);

      peer.readToEnd();

      assertThat(grpc.roundTrip(beside)).isPositive();
    } finally {
      drip.shutdownNow();
    }
  }

  private static void one(RawHttp2 peer) {
    try {
      peer.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
