package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsContexts;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.Test;

/** What a broker may make this side keep. */
final class BrokerClientTest {

  private static BrokerClient client(BrokerClient.Use use) {
    MqttAddress address = MqttAddress.of(Endpoint.parse("mqtt://127.0.0.1:1/s"));
    return new BrokerClient(Runnable::run, address, new TlsContexts(TlsConfig.SYSTEM), use, 1_000);
  }

  private static MqttMessage message(int bytes) {
    return new MqttMessage(new byte[bytes], 1, false, new MqttProperties());
  }

  @Test
  void aBrokerThatReadsNoAcknowledgementsLosesItsConnection() {
    BrokerClient client = client(BrokerClient.Use.forSessions("x"));

    for (int i = 0; i < BrokerClient.MAX_UNWRITTEN; i++) {
      client.messageArrived("t", message(1));
    }
    assertThat(client.lost()).isNotDone();
    client.messageArrived("t", message(1));

    assertThat(client.lost()).isCompletedWithValueMatching(why -> why.contains("does not read"));
  }

  @Test
  void aBrokerThatSendsFarMoreThanIsAcknowledgedLosesItsConnection() {
    int most = BrokerClient.MAX_UNACKNOWLEDGED_BYTES / 1_025;
    AtomicInteger taken = new AtomicInteger();
    BrokerClient many =
        client(new BrokerClient.Use("x", 0, 1 << 20, (topic, message) -> taken.incrementAndGet()));
    for (int i = 0; i < most; i++) {
      many.messageArrived("t", message(1));
    }
    assertThat(many.lost()).isNotDone();
    many.messageArrived("t", message(1));

    assertThat(many.lost()).isCompletedWithValueMatching(why -> why.contains("far more"));
    assertThat(taken).hasValue(most);

    BrokerClient large = client(new BrokerClient.Use("x", 0, 1 << 20, (topic, message) -> {}));
    for (int i = 0; i <= 64; i++) {
      large.messageArrived("t", message(1 << 20));
    }
    assertThat(large.lost()).isDone();
  }

  @Test
  void whatCannotBeTakenIsSentAgainOnAnotherConnection() {
    BrokerClient client =
        client(
            new BrokerClient.Use(
                "x",
                0,
                1 << 20,
                (topic, message) -> {
                  throw new OutOfMemoryError("of the test");
                }));

    client.messageArrived("t", message(1));

    assertThat(client.lost())
        .isCompletedWithValueMatching(why -> why.contains("OutOfMemoryError: of the test"));
  }
}
