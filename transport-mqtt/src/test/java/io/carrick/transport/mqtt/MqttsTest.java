package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.certificates.PemPair;
import io.carrick.spi.Connection;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.testkit.TestTls;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Mosquitto that speaks TLS and wants to see a certificate. */
@Timeout(60)
final class MqttsTest {

  @TempDir Path directory;

  private TestTls tls;
  private Mosquitto broker;

  @BeforeEach
  void start() {
    tls = new TestTls(directory);
    tls.issue("broker", "localhost", "127.0.0.1");
    tls.issue("device", "device");
    broker =
        Mosquitto.start(
            "cafile " + tls.trust(),
            "certfile " + PemPair.certificateFile(directory, "broker"),
            "keyfile " + PemPair.keyFile(directory, "broker"),
            "require_certificate true");
  }

  @AfterEach
  void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  private String endpoint() {
    return broker.endpoint("s").replace("mqtt:", "mqtts:");
  }

  @Test
  void whoShowsACertificateIsLetInAndTheLevelStaysNone() throws Exception {
    TlsConfig device = tls.as("device").build();
    try (Link link = new Link(device, device)) {
      link.listen(endpoint() + "?qos=1");
      Connection client = link.connect(endpoint() + "?qos=1");
      Connection server = link.accepted();

      assertThat(client.peer().security()).isEqualTo(SecurityLevel.NONE);
      assertThat(client.peer().principal()).isEqualTo(Principal.NONE);
      assertThat(client.peer().brokered()).isTrue();
      assertThat(medianRoundTrip(client, server)).isLessThan(Duration.ofMillis(10));
    }
  }

  /** The acknowledgements of TCP go out at once below TLS, too. */
  private static Duration medianRoundTrip(Connection client, Connection server) {
    RecordingReceiver atClient = Link.receive(client);
    RecordingReceiver atServer = Link.receive(server);
    long median = Long.MAX_VALUE;
    for (int round = 0; round < 5 && median >= 10_000_000; round++) { // A busy machine is slow.
      long[] nanos = new long[100];
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        client.send(ByteBuffer.allocate(64));
        client.flush();
        assertThat(atServer.nextFrame()).hasSize(64);
        server.send(ByteBuffer.allocate(64));
        server.flush();
        assertThat(atClient.nextFrame()).hasSize(64);
        nanos[i] = System.nanoTime() - start;
      }
      Arrays.sort(nanos);
      median = nanos[nanos.length / 2];
      System.out.printf("round trip over a broker by TLS, QoS 1: %d us%n", median / 1_000);
    }
    return Duration.ofNanos(median);
  }

  /** The alert may be lost with the connection; the message tells of certificates either way. */
  @Test
  void whoShowsNoneIsRefused() {
    TlsConfig nobody = tls.nobody().build();
    try (Link link = new Link(nobody, nobody)) {
      assertThat(link.failureToConnect(endpoint()))
          .isInstanceOf(MessagingException.class)
          .hasMessageContaining(endpoint())
          .hasMessageContaining("certificate");
    }
  }

  @Test
  void aBrokerOfAnotherAuthorityOrForAnotherNameIsNotBelieved() {
    TestTls others = new TestTls(directory.resolve(".."));
    others.issue("device", "device");
    assertTold(others.as("device").build(), endpoint(), StatusCode.UNAUTHENTICATED, "no authority");
    assertTold(
        tls.as("device").serverName("another.example").build(),
        endpoint(),
        StatusCode.UNAUTHENTICATED,
        "another name");
  }

  @Test
  void aSchemeWithoutTlsSaysWhichOneToUse() {
    assertTold(TlsConfig.SYSTEM, broker.endpoint("s"), StatusCode.UNAVAILABLE, "use mqtts://");
    try (Mosquitto plain = Mosquitto.start()) {
      assertTold(
          tls.as("device").build(),
          plain.endpoint("s").replace("mqtt:", "mqtts:"),
          StatusCode.UNAVAILABLE,
          "use mqtt://");
    }
  }

  private static void assertTold(TlsConfig config, String endpoint, StatusCode code, String text) {
    try (Link link = new Link(config, config)) {
      Throwable failure = link.failureToConnect(endpoint);

      assertThat(failure).hasMessageContaining(text).hasMessageContaining(endpoint);
      assertThat(((MessagingException) failure).code()).as(failure.toString()).isEqualTo(code);
      assertThat(code == StatusCode.UNAUTHENTICATED)
          .isEqualTo(failure instanceof EndpointException);
    }
  }
}
