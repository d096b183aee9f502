package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TopicFailuresTest {

  @ParameterizedTest
  @CsvSource({
    "0x10, UNAVAILABLE, CallException",
    "0x80, FAILED_PRECONDITION, CallException",
    "0x83, FAILED_PRECONDITION, CallException",
    "0x87, PERMISSION_DENIED, CallException",
    "0x8f, INVALID_ARGUMENT, CallException",
    "0x90, INVALID_ARGUMENT, CallException",
    "0x95, INVALID_ARGUMENT, CallException",
    "0x97, RESOURCE_EXHAUSTED, OverloadedException",
    "0x99, INVALID_ARGUMENT, CallException",
    "0x9e, UNIMPLEMENTED, CallException"
  })
  void aReasonCodeIsAFailureThatSaysThatNothingWasDelivered(
      String reason, StatusCode code, String type) {
    MessagingException failure =
        TopicFailures.of("publish a/b", new MqttException(Integer.decode(reason)));

    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.delivered()).isEqualTo(Delivered.NO);
    assertThat(failure.getClass().getSimpleName()).isEqualTo(type);
    assertThat(failure).hasMessageContaining("publish a/b").hasMessageContaining(reason);
  }
}
