package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * docs/transports/mqtt.md, in its order. How endpoints are written is in MqttAddressTest, doors,
 * QoS, latency and a broker that comes back in MqttConnectionTest, TLS in MqttsTest, what a broker
 * refuses or lacks in MqttBrokersTest, tricks in EvilBrokerTest and MqttSessionsTest, capabilities
 * and limits in the contract test.
 */
@Tag("side-by-side")
@Timeout(60)
final class MqttPageTest {

  private final Messenger client = TestTls.messenger("client").build();
  private String endpoint;

  @BeforeEach
  void endpoint() {
    endpoint = TestTransport.MQTT.endpoint(Path.of("."));
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void theEndpointIsTheSameForWhoListensAndForWhoConnects() {
    try (Messenger server = TransportPage.listen(endpoint)) {
      assertThat(server.endpoints()).containsExactly(endpoint);
      assertThat(TransportPage.who(client, endpoint, SecurityLevel.NONE)).isEqualTo("none:");
      assertThat(TransportPage.who(client, endpoint + "?qos=1", SecurityLevel.NONE))
          .isEqualTo("none:");
    }
  }

  @Test
  void severalListenOnOneEndpointAndEachSessionHasOneOfThem() {
    try (Messenger one = TransportPage.listen(endpoint + "/one");
        Messenger two = TransportPage.listen(endpoint + "/two")) {
      Set<String> met = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        try (Messenger other = Messenger.builder("other").build()) {
          Remote remote = other.connect(endpoint);
          Await.result(remote.connect());
          met.add(remote.instance().orElseThrow());
        }
      }
      Remote second = client.connect(endpoint + "/two");
      Await.result(second.connect());

      assertThat(met).containsExactlyInAnyOrder(one.instance(), two.instance());
      assertThat(second.instance()).contains(two.instance());
    }
  }

  // Security and identity.

  @Test
  void aFloorAboveNoneKeepsSessionsFromIt() {
    try (Messenger server = TransportPage.listen(endpoint)) {
      Remote remote =
          client.connect(endpoint).with(Requirements.security(SecurityLevel.SERVER_AUTHENTICATED));

      MessagingException failure =
          Failures.in(remote.request("who", "", String.class), MessagingException.class);

      assertThat(failure.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
      assertThat(remote.explain().candidates().get(0).eligible()).isFalse();
      assertThat(server.peers()).isEmpty();
    }
  }

  // Errors.

  @Test
  void noHostNoPortAndNoServiceAreInvalidWithHowToWriteThem() {
    for (String wrong : List.of("mqtt:x", "mqtt://b/s", "mqtt://b:1/a/b/c", "mqtt://b:1/s?qos=2")) {
      TransportPage.notToListen(wrong, StatusCode.INVALID_ARGUMENT, "mqtt://host:port/service");
      TransportPage.notToConnect(
          client, wrong, StatusCode.INVALID_ARGUMENT, "mqtt://host:port/service");
    }
  }

  @Test
  void whereNoBrokerIsOrNobodyListensItIsUnavailable() {
    fails("mqtt://127.0.0.1:1/s", "127.0.0.1:1/s", "start the broker");
    fails("mqtt://nobody.invalid:1883/s", "nobody.invalid", "DNS");
    fails(endpoint, endpoint, "no service listens there");
    TransportPage.notToListen("mqtt://127.0.0.1:1/s", StatusCode.UNAVAILABLE, "start the broker");
  }

  @Test
  void whatDoesNotAnswerIsAConnectExceptionAfterTheTimeOutAtTheLatest() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      fails("mqtt://127.0.0.1:" + silent.getLocalPort() + "/s", "/s");
    }
  }

  private void fails(String at, String... words) {
    MessagingException failure = Failures.in(client.connect(at).connect(), ConnectException.class);

    Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.NO, words);
  }
}
