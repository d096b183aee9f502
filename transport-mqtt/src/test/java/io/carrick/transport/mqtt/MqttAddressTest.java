package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.EndpointException;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MqttAddressTest {

  @Test
  void anEndpointNamesABrokerAServiceAndPerhapsAnInstance() {
    MqttAddress any = MqttAddress.of(Endpoint.parse("mqtt://broker:1883/orders"));
    MqttAddress one = MqttAddress.of(Endpoint.parse("MQTTS://[::1]:8883/orders/a-1?qos=1"));

    assertThat(any.broker()).hasToString("mqtt://broker:1883");
    assertThat(any.tls()).isFalse();
    assertThat(any.qos()).isZero();
    assertThat(any.door()).isEqualTo("carrick/v1/s/orders/door").isEqualTo(any.sharedDoor());
    assertThat(one.broker()).hasToString("mqtts://[::1]:8883");
    assertThat(one.tls()).isTrue();
    assertThat(one.qos()).isEqualTo(1);
    assertThat(one.door()).isEqualTo("carrick/v1/s/orders/door/a-1");
    assertThat(one.sharedDoor()).isEqualTo(any.door());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mqtt:x",
        "mqtt://broker/orders",
        "mqtt://broker:0/orders",
        "mqtt://broker:70000/orders",
        "mqtt://broker:1883?qos=1",
        "mqtt://broker:1883?client=",
        "mqtt://broker:1883?client=a/b",
        "mqtt://broker:1883/orders?client=a",
        "mqtt://broker:1883/a/b/c",
        "mqtt://broker:1883/a/",
        "mqtt://broker:1883/%2B",
        "mqtt://broker:1883/+",
        "mqtt://broker:1883/%23",
        "mqtt://broker:1883/a%00",
        "mqtt://broker:1883/%ED%A0%80",
        "mqtt://broker:1883/$share",
        "mqtt://broker:1883/orders?qos=2",
        "mqtt://broker:1883/orders?retain=1",
        "mqtt://broker:1883/orders?qos=1&qos=0",
        "mqtt://broker:1883/orders#f",
        "tcp://broker:1883/orders"
      })
  void anotherEndpointIsToldHowToWriteIt(String text) {
    MqttTransportProvider provider = new MqttTransportProvider();

    EndpointException e =
        catchThrowableOfType(
            EndpointException.class,
            () -> provider.capabilities(Endpoint.parse(text), TransportConfig.of("test")));

    assertThat(e).hasMessageContaining(text).hasMessageContaining("mqtt://host:port/service");
    assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void anEndpointWithoutAServiceNamesTheTopicsOfTheBroker() {
    MqttAddress topics = MqttAddress.of(Endpoint.parse("mqtt://broker:1883"));
    MqttAddress named = MqttAddress.of(Endpoint.parse("mqtts://broker:8883/?client=shop-1"));
    MqttTransportProvider provider = new MqttTransportProvider();

    assertThat(topics.isTopics()).isTrue();
    assertThat(topics.client()).isNull();
    assertThat(named.isTopics()).isTrue();
    assertThat(named.client()).isEqualTo("shop-1");
    assertThat(named.broker()).hasToString("mqtts://broker:8883");
    assertThat(MqttAddress.of(Endpoint.parse("mqtt://broker:1883/orders")).isTopics()).isFalse();
    // Without a name a broker keeps nothing for it.
    assertThat(
            provider
                .capabilities(
                    Endpoint.parse("mqtts://broker:8883/?client=shop-1"),
                    TransportConfig.of("test"))
                .durable())
        .isTrue();
    assertThat(
            provider
                .capabilities(Endpoint.parse("mqtt://broker:1883"), TransportConfig.of("test"))
                .durable())
        .isFalse();
  }

  @Test
  void aServiceOfMoreThan64CharactersIsRefused() {
    assertThat(MqttAddress.of(Endpoint.parse("mqtt://b:1/" + "s".repeat(64))).service())
        .hasSize(64);
    assertThat(
            catchThrowableOfType(
                EndpointException.class,
                () -> MqttAddress.of(Endpoint.parse("mqtt://b:1/" + "s".repeat(65)))))
        .hasMessageContaining("64");
  }

  @Test
  void tlsToTheBrokerDoesNotRaiseTheLevel() {
    Capabilities claimed =
        new MqttTransportProvider()
            .capabilities(Endpoint.parse("mqtts://broker:8883/s"), TransportConfig.of("test"));

    assertThat(claimed)
        .isEqualTo(Capabilities.of(SecurityLevel.NONE).withBrokered(true).withCost(80));
  }
}
