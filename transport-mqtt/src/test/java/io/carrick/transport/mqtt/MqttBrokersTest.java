package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Brokers that refuse, or that cannot carry sessions; each failure says what to do. */
@Timeout(60)
final class MqttBrokersTest {

  private final Link link = new Link();

  @AfterEach
  void close() {
    link.close();
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(0x84, StatusCode.UNIMPLEMENTED, "does not speak MQTT 5"),
        Arguments.of(0x86, StatusCode.UNAUTHENTICATED, "bad user name or password (0x86)"),
        Arguments.of(0x87, StatusCode.PERMISSION_DENIED, "not authorized (0x87)"),
        Arguments.of(0x88, StatusCode.UNAVAILABLE, "server unavailable (0x88)"),
        Arguments.of(0x89, StatusCode.UNAVAILABLE, "server busy (0x89)"),
        Arguments.of(0x8a, StatusCode.PERMISSION_DENIED, "banned (0x8a)"),
        Arguments.of(0x95, StatusCode.FAILED_PRECONDITION, "packet too large (0x95)"),
        Arguments.of(0x97, StatusCode.RESOURCE_EXHAUSTED, "quota exceeded (0x97)"),
        Arguments.of(0x9c, StatusCode.FAILED_PRECONDITION, "use another server (0x9c)"),
        Arguments.of(0x9f, StatusCode.UNAVAILABLE, "connection rate exceeded (0x9f)"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aReasonCodeIsATypedFailure(int code, StatusCode expected, String text) throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20, 3, 0, code, 0)) {
      assertTold(broker.endpoint(), expected, text);
    }
  }

  @Test
  void aBrokerOfMqtt311IsToldAsThat() throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20, 2, 0, 1)) {
      assertTold(broker.endpoint(), StatusCode.UNIMPLEMENTED, "does not speak MQTT 5");
    }
  }

  @Test
  void onePortThatClosesAtOnceIsToldAndLeavesNoThread() throws IOException {
    Set<Thread> before = paho().collect(Collectors.toSet()); // Those of other tests.
    try (FakeBroker broker = new FakeBroker()) {
      assertTold(broker.endpoint(), StatusCode.UNAVAILABLE, "closed the connection", "mqtts://");
    }
    link.close();
    Await.until(
        () -> "threads of Paho: " + paho().toList() + ", before: " + before,
        Duration.ofSeconds(5),
        () -> before.containsAll(paho().toList()));
  }

  private static Stream<Thread> paho() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("MQTT "));
  }

  @Test
  void aBrokerThatSaysNothingFailsInTime() throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20)) {
      long start = System.nanoTime();

      Throwable failure = link.failureToConnect(broker.endpoint());

      assertThat(failure).isInstanceOf(ConnectException.class).hasMessageContaining("within");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isLessThan(Link.TIMEOUT.plusSeconds(3));
    }
  }

  @Test
  void aPacketAboveWhatThisSideTakesFails() throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20, 0xff, 0xff, 0xff, 0x7f)) {
      assertTold(broker.endpoint(), StatusCode.UNAVAILABLE, "131072");
    }
  }

  @Test
  void smallerPacketsThanASessionNeedsAreRefusedWithBothSizes() {
    try (Mosquitto broker = Mosquitto.start("max_packet_size 20000")) {
      assertTold(
          broker.endpoint("s"), StatusCode.FAILED_PRECONDITION, "20000", "66560", "raise its");
    }
  }

  @Test
  void noSharedSubscriptionsAreToldToWhoListens() throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20, 5, 0, 0, 2, 0x2a, 0)) {
      assertThat(link.failureToListen(broker.endpoint()))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("no shared subscriptions");
    }
  }

  @Test
  void qos1IsRefusedWhereTheBrokerHasQos0Only() throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20, 5, 0, 0, 2, 0x24, 0)) {
      Throwable failure = link.failureToConnect(broker.endpoint() + "?qos=1");

      assertThat(failure)
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("leave ?qos=1 away");
    }
  }

  @Test
  void topicsThatTheBrokerDoesNotGrantAreTold() throws IOException {
    Path acl = Files.createTempFile("acl", ".txt");
    acl.toFile().deleteOnExit();
    Files.writeString(acl, "topic readwrite something/else\n");
    try (Mosquitto broker = Mosquitto.start("acl_file " + acl)) {
      assertTold(
          broker.endpoint("s"),
          StatusCode.PERMISSION_DENIED,
          "not authorized (0x87)",
          "carrick/v1/#"); // Mosquitto says it to who publishes, and to nobody who subscribes.
    }
  }

  /** Paho throws where more is on its way than the broker takes at once; ours waits. */
  @Test
  void aBrokerThatTakesOneAtATimeCarriesAll() throws Exception {
    try (Mosquitto broker = Mosquitto.start("max_inflight_messages 1")) {
      String at = broker.endpoint("slow") + "?qos=1";
      link.listen(at);
      Connection client = link.connect(at);
      RecordingReceiver atServer = Link.receive(link.accepted());
      RecordingReceiver atClient = Link.receive(client);

      for (int i = 0; i < 500; i++) {
        if (!client.send(ByteBuffer.allocate(1_000).putInt(0, i))) {
          atClient.awaitWritable();
        }
        client.flush();
      }

      for (int i = 0; i < 500; i++) {
        assertThat(ByteBuffer.wrap(atServer.nextFrame()).getInt()).isEqualTo(i);
      }
    }
  }

  private void assertTold(String endpoint, StatusCode code, String... texts) {
    Throwable failure = link.failureToConnect(endpoint);

    assertThat(failure).isInstanceOf(MessagingException.class);
    assertThat(((MessagingException) failure).code()).as(failure.toString()).isEqualTo(code);
    for (String text : texts) {
      assertThat(failure).hasMessageContaining(text);
    }
    assertThat(failure).hasMessageContaining("127.0.0.1");
  }
}
