package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.TlsConfig;
import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that connect and say nothing, or a byte now and then. */
@Timeout(90)
final class GrpcSlowPeersTest {

  private static final int IDLE = 600;
  private static final int DRIPPING = 200;
  private static final int ROUND_TRIPS = 300;
  private static final double MAX_P99_MICROS = 50_000;

  /** The handshake's time, and what a busy machine may take longer. */
  private static final Duration MAX_LIFE = Duration.ofSeconds(Limits.HANDSHAKE_SECONDS + 10);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "grpcs"})
  void t10_theyAreClosedInTimeAndOthersDoNotNotice(String scheme) throws IOException {
    TlsConfig tls = scheme.equals("grpcs") ? new TestTls(directory).mutual() : TlsConfig.SYSTEM;
    byte first = (byte) (scheme.equals("grpcs") ? 22 : 'P');
    try (Grpc grpc = new Grpc(scheme + "://127.0.0.1:0", tls)) {
      Connection beside = grpc.connect();
      grpc.roundTrip(beside);
      long before = descriptors();
      List<Socket> silent = open(grpc.port(), IDLE);
      List<Socket> dripping = open(grpc.port(), DRIPPING);
      for (Socket each : dripping) {
        each.getOutputStream().write(first);
      }

      double p99 = p99(grpc, beside);
      awaitEnds(silent);
      awaitEnds(dripping);

      System.out.printf("%s: %d slow peers, p99 beside %.0f us%n", scheme, IDLE + DRIPPING, p99);
      assertThat(p99).isLessThan(MAX_P99_MICROS);
      assertThat(grpc.roundTrip(beside)).isPositive();
      Await.until("the descriptors to return to " + before, () -> descriptors() <= before);
    }
  }

  private static List<Socket> open(int port, int count) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) MAX_LIFE.toMillis());
      sockets.add(socket);
    }
    return sockets;
  }

  private static void awaitEnds(List<Socket> sockets) throws IOException {
    for (Socket each : sockets) {
      try (each) {
        while (each.getInputStream().read() >= 0) {}
      } catch (SocketException reset) {
        assertThat(reset).hasMessageContaining("reset");
      }
    }
  }

  private static long descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double p99(Grpc grpc, Connection beside) {
    long[] times = new long[ROUND_TRIPS];
    for (int i = 0; i < times.length; i++) {
      times[i] = grpc.roundTrip(beside);
    }
    Arrays.sort(times);
    return times[times.length * 99 / 100] / 1e3;
  }
}
