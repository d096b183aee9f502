package io.carrick.transport.mqtt;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.StatusCode;
import java.util.Map;
import org.eclipse.paho.mqttv5.common.MqttException;

/** What a broker answers to one call at its topics, as the caller's exception. */
final class TopicFailures {

  private TopicFailures() {}

  /** Whether the broker said so, and nothing else went wrong. */
  static boolean isAnswer(Throwable failure) {
    return failure instanceof MqttException mqtt
        && mqtt.getReasonCode() >= Failures.NOBODY
        && mqtt.getReasonCode() <= 0xff;
  }

  /** For what {@link #isAnswer}. */
  static MessagingException of(String what, Throwable failure) {
    return of(what, failure instanceof MqttException mqtt ? mqtt.getReasonCode() : 0x80);
  }

  /** By a reason code of MQTT 5, 2.4, which says that the broker did not take it. */
  static MessagingException of(String what, int code) {
    String told =
        what
            + ": the broker said "
            + Failures.nameOf(code)
            + " (0x"
            + Integer.toHexString(code)
            + "); ";
    return switch (code) {
      case Failures.NOBODY ->
          failed(
              StatusCode.UNAVAILABLE, told + "nobody has subscribed there: start who handles it");
      case 0x87 -> failed(StatusCode.PERMISSION_DENIED, told + "grant this client the topic");
      case 0x8f, 0x90, 0x95, 0x99 ->
          failed(StatusCode.INVALID_ARGUMENT, told + "choose what it takes");
      case 0x97 -> new OverloadedException(Delivered.NO, told + "raise its quota, or wait");
      case 0x9a, 0x9b, 0x9e, 0xa1, 0xa2 ->
          failed(StatusCode.UNIMPLEMENTED, told + "turn it on there");
      default -> failed(StatusCode.FAILED_PRECONDITION, told + "see the broker's log");
    };
  }

  /** What cannot be said in MQTT, such as half of a surrogate pair. */
  static MessagingException notTaken(String what, Throwable failure) {
    return new CallException(
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        what + " cannot be published: " + failure.getMessage(),
        Map.of(),
        failure);
  }

  private static CallException failed(StatusCode code, String message) {
    return new CallException(code, Delivered.NO, message, Map.of(), null);
  }
}
