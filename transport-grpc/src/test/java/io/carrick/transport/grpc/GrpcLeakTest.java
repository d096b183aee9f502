package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.testkit.TestTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** After hundreds of peers that came to nothing, nothing of them is left. */
@Timeout(120)
final class GrpcLeakTest {

  private static final int WARM = 10;
  private static final int ROUNDS = 60;
  private static final long MAX_GROWTH_BYTES = 1 << 20;

  @TempDir Path directory;

  private interface Step {
    void run() throws IOException;
  }

  @Test
  void connectionsThatFailLeaveNothing() throws IOException {
    TestTls tls = new TestTls(directory);
    TlsConfig mutual = tls.mutual();
    CertificateAuthority.create("rogue")
        .issue(CertificateOrder.of("x", List.of("127.0.0.1"), Duration.ofHours(1)))
        .write(directory, "rogue");
    try (Grpc warm = new Grpc()) {
      warm.roundTrip(warm.connect());
    }
    Await.until("no thread of the transport", () -> threads().isEmpty());
    long descriptors = descriptors();
    try (Grpc plain = new Grpc();
        Grpc secure = new Grpc("grpcs://127.0.0.1:0", mutual);
        Transport nobody = Grpc.transportWith(tls.nobody().build());
        Transport rogue = Grpc.transportWith(tls.as("rogue").build());
        Transport stranger = Grpc.transportWith(TlsConfig.SYSTEM)) {
      Connection beside = secure.connect();
      String toPlain = ":" + plain.port();
      String toSecure = ":" + secure.port();
      Random random = new Random(11);
      List<Step> steps =
          List.of(
              () -> fails(nobody, "grpcs://127.0.0.1" + toSecure),
              () -> fails(rogue, "grpcs://127.0.0.1" + toSecure),
              () -> fails(stranger, "grpcs://127.0.0.1" + toSecure),
              () -> fails(stranger, "grpc://127.0.0.1" + toSecure),
              () -> fails(nobody, "grpcs://127.0.0.1" + toPlain),
              () -> raw(plain.port(), "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
              () ->
                  raw(secure.port(), "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
              () -> raw(plain.port(), bytes(random)),
              () -> raw(secure.port(), bytes(random)),
              () -> comesAndGoes(stranger, "grpc://127.0.0.1" + toPlain));
      run(steps, WARM);
      long held = heldBytes();
      run(steps, ROUNDS);
      long after = heldBytes();

      System.out.printf(
          "%d failed connections: %,d bytes held before, %,d after%n",
          ROUNDS * steps.size(), held, after);
      assertThat(after - held).isLessThan(MAX_GROWTH_BYTES);
      assertThat(secure.roundTrip(beside)).isPositive();
    }
    Await.until(
        () -> "no thread of " + threads(), Duration.ofSeconds(5), () -> threads().isEmpty());
    Await.until(
        () -> descriptors + " descriptors; there are " + descriptors(),
        Duration.ofSeconds(5),
        () -> descriptors() <= descriptors);
  }

  private static void run(List<Step> steps, int rounds) throws IOException {
    for (int i = 0; i < rounds; i++) {
      for (Step step : steps) {
        step.run();
      }
    }
  }

  private static void fails(Transport client, String endpoint) {
    assertThat(Await.failure(client.connect(Endpoint.parse(endpoint)), Await.LONG_ENOUGH))
        .hasMessageContaining("cannot connect to " + endpoint);
  }

  private static void comesAndGoes(Transport client, String endpoint) {
    Connection connection = Await.result(client.connect(Endpoint.parse(endpoint)));
    RecordingReceiver receiver = new RecordingReceiver();
    connection.receive(receiver);
    connection.close(CloseReason.local("enough"));
    Await.result(receiver.closed());
  }

  private static void raw(int port, byte[] bytes) throws IOException {
    try (RawHttp2 peer = new RawHttp2(port)) {
      peer.write(bytes);
      peer.shutdownOutput();
      peer.readToEnd();
    }
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[24 + random.nextInt(1000)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("carrick-grpc-"))
        .toList();
  }

  static long descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The least of a few looks, as a collection takes its time. */
  private static long heldBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
