package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import io.carrick.netty.ListenLimits;
import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.TestTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Peers that connect and say nothing, or a byte now and then. */
@Timeout(90)
final class GrpcSlowPeersTest {

  private static final int IDLE = 600;
  private static final int DRIPPING = 200;
  private static final int DRIPS = 1_000;
  private static final int MOST_IDLE = 4_000;
  private static final int SPARE_DESCRIPTORS = 500;
  private static final int ADDRESSES = 8;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int ROUND_TRIPS = 300;
  private static final double MAX_P99_MICROS = 50_000;
  private static final double MAX_CROWDED_MICROS = 250_000;

  /** The handshake's time, and what a busy machine may take longer. */
  private static final Duration MAX_LIFE = Duration.ofSeconds(ListenLimits.HANDSHAKE_SECONDS + 10);

  @TempDir Path directory;

  @Test
  void t10_theyAreClosedInTimeAndOthersDoNotNotice() throws IOException {
    try (Grpc plain = new Grpc();
        Grpc secured = new Grpc("grpcs://127.0.0.1:0", new TestTls(directory).mutual())) {
      Connection besidePlain = plain.connect();
      Connection besideSecured = secured.connect();
      plain.roundTrip(besidePlain);
      secured.roundTrip(besideSecured);
      long before = descriptors();
      List<Socket> slow = openSlow(plain, (byte) 'P');
      double p99Plain = p99(plain, besidePlain);
      slow.addAll(openSlow(secured, (byte) 22));
      double p99Secured = p99(secured, besideSecured);
      awaitEnds(slow);

      System.out.printf(
          "%d slow peers, p99 beside %.0f us, and with TLS %.0f us%n",
          slow.size(), p99Plain, p99Secured);
      assertThat(p99Plain).isLessThan(MAX_P99_MICROS);
      assertThat(p99Secured).isLessThan(MAX_P99_MICROS);
      assertThat(plain.roundTrip(besidePlain)).isPositive();
      assertThat(secured.roundTrip(besideSecured)).isPositive();
      Await.until("the descriptors to return to " + before, () -> descriptors() <= before);
    }
  }

  /** Peers that say nothing, and others that say one byte. */
  private static List<Socket> openSlow(Grpc grpc, byte first) throws IOException {
    List<Socket> slow = open(grpc.port(), IDLE);
    List<Socket> dripping = open(grpc.port(), DRIPPING);
    for (Socket each : dripping) {
      each.getOutputStream().write(first);
    }
    slow.addAll(dripping);
    return slow;
  }

  @Test
  @EnabledOnOs(OS.LINUX) // All of 127.0.0.0/8 is its own only there.
  void t10_aThousandThatDripAndThousandsThatIdleAreClosedInTimeAndOthersDoNotNotice()
      throws Exception {
    int many = mostIdle();
    PeerLimits all = PeerLimits.DEFAULT.withUnknownPeers(ListenLimits.CONNECTIONS);
    ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    try (Grpc grpc =
        new Grpc("grpc://127.0.0.1:0", TlsConfig.SYSTEM, all, Grpc::echo, new NoCalls())) {
      Connection beside = grpc.connect();
      p99(grpc, beside);
      double alone = p99(grpc, beside);
      long before = descriptors();
      List<Socket> slow = openFromManyAddresses(grpc.port(), DRIPS + many);
      List<Drip> drips = slow.subList(0, DRIPS).stream().map(Drip::new).toList();
      drip.scheduleAtFixedRate(() -> drips.forEach(Drip::next), 0, 1, TimeUnit.SECONDS);

      CompletableFuture<Void> ends = CompletableFuture.runAsync(() -> awaitAllEnds(slow));
      double[] worst = new double[1];
      Await.until(
          () -> "the slow peers to be closed; still unknown: " + grpc.unknown().size(),
          MAX_LIFE,
          () -> {
            worst[0] = Math.max(worst[0], p99(grpc, beside));
            return ends.isDone();
          });
      ends.join();

      System.out.printf(
          "%d drips and %d idle peers: p99 of 300 requests beside at worst %.0f us, alone %.0f%n",
          DRIPS, many, worst[0], alone);
      assertThat(worst[0]).isLessThan(MAX_CROWDED_MICROS);
      assertThat(grpc.roundTrip(beside)).isPositive();
      Await.until("the descriptors to return to " + before, () -> descriptors() <= before);
    } finally {
      drip.shutdownNow();
    }
  }

  /** Each takes two descriptors, as both ends are in this process. */
  private static int mostIdle() {
    long free =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()
            : 0;
    return (int) Math.max(0, Math.min(MOST_IDLE, free / 2 - DRIPS - SPARE_DESCRIPTORS));
  }

  /** A byte each second: of the preface, or of a frame behind it. */
  private static final class Drip {
    private final Socket socket;
    private int sent;

    Drip(Socket socket) {
      this.socket = socket;
    }

    void next() {
      try {
        if (sent == 0 && socket.getLocalPort() % 2 == 0) {
          socket.getOutputStream().write(PREFACE);
          socket.getOutputStream().write(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
          sent = PREFACE.length;
        }
        socket.getOutputStream().write(sent < PREFACE.length ? PREFACE[sent] : 0);
        sent++;
      } catch (IOException closed) {
        sent = PREFACE.length;
      }
    }
  }

  /** As a listener takes no more than a part of its connections from one address. */
  private static List<Socket> openFromManyAddresses(int port, int count) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket();
      socket.bind(new InetSocketAddress("127.0.0." + (2 + i % ADDRESSES), 0));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setSoTimeout((int) MAX_LIFE.toMillis());
      sockets.add(socket);
    }
    return sockets;
  }

  private static void awaitAllEnds(List<Socket> sockets) {
    try {
      awaitEnds(sockets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
