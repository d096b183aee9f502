package io.carrick.transport.mqtt;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsFailures;
import io.carrick.transport.support.NetworkFailures;
import java.io.EOFException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/** What failures of a broker and of Paho mean, and what to do about them. */
final class Failures {

  /** The reason code of a PUBACK for a topic that nobody has subscribed to. */
  static final int NOBODY = 0x10;

  private static final String WHO = "let this client in: by its certificate, or anonymously";

  private Failures() {}

  /**
   * Why there is no connection over a broker.
   *
   * @param doing for instance "cannot connect to mqtt://..."
   */
  static MessagingException of(Endpoint endpoint, String doing, Throwable failure) {
    if (failure instanceof MessagingException told) {
      return told;
    }
    String tls = TlsFailures.describe(failure);
    if (tls != null) {
      return fault(StatusCode.UNAUTHENTICATED, doing, "the broker: " + tls, failure);
    }
    if (!(failure instanceof MqttException mqtt)) {
      return fault(StatusCode.UNAVAILABLE, doing, textOf(failure) + "; check the broker", failure);
    }
    int code = mqtt.getReasonCode();
    return switch (code) {
      case NOBODY ->
          away(doing, "no service listens there (the broker has no subscriber); start it", mqtt);
      case 0x01, 0x84, MqttException.REASON_CODE_INVALID_RETURN_CODE ->
          fault(
              StatusCode.UNIMPLEMENTED,
              doing,
              "the broker does not speak MQTT 5; take one that does, or turn it on there",
              mqtt);
      case 0x86, 0x8c -> fault(StatusCode.UNAUTHENTICATED, doing, told(code) + WHO, mqtt);
      case 0x05, 0x87, 0x8a ->
          fault(
              StatusCode.PERMISSION_DENIED,
              doing,
              told(code) + WHO + ", and grant it the topics carrick/v1/#",
              mqtt);
      case 0x97 ->
          fault(
              StatusCode.RESOURCE_EXHAUSTED, doing, told(code) + "raise its quota, or wait", mqtt);
      case 0x9e -> fault(StatusCode.UNIMPLEMENTED, doing, told(code) + "turn them on there", mqtt);
      case 0x88, 0x89, 0x8b, 0x9f -> away(doing, told(code) + "try again later", mqtt);
      default ->
          code >= 0x80 && code <= 0xff
              ? fault(
                  StatusCode.FAILED_PRECONDITION, doing, told(code) + "see the broker's log", mqtt)
              : network(endpoint, doing, mqtt);
    };
  }

  private static MessagingException network(Endpoint endpoint, String doing, MqttException mqtt) {
    Throwable root = mqtt;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof UnknownHostException) {
      return away(doing, textOf(root) + "; check the name and the DNS of this host", mqtt);
    }
    if (isBroken(mqtt, root)) {
      String hint =
          endpoint.scheme().equals(MqttAddress.PLAIN)
              ? "use mqtts:// if it speaks TLS there"
              : "use mqtt:// if it speaks no TLS there, show it a certificate if it wants one";
      return away(
          doing,
          "the broker closed the connection ("
              + textOf(root)
              + "); "
              + hint
              + ", and check that it speaks MQTT 5",
          mqtt);
    }
    ConnectException why = NetworkFailures.cannotConnect(endpoint, textOf(root), mqtt);
    return away(
        doing,
        String.valueOf(why.getMessage())
            .substring(("cannot connect to " + endpoint + ": ").length())
            .replace("the service", "the broker"),
        mqtt);
  }

  /** Whether it was connected, and the broker ended that. */
  private static boolean isBroken(MqttException mqtt, Throwable root) {
    return root instanceof EOFException
        || mqtt.getReasonCode() == MqttClientException.REASON_CODE_CONNECTION_LOST
        || (root instanceof SocketException
            && !(root instanceof java.net.ConnectException)
            && !(root instanceof NoRouteToHostException));
  }

  private static ConnectException away(String doing, String why, Throwable cause) {
    return new ConnectException(doing + ": " + why, cause);
  }

  private static EndpointException fault(
      StatusCode code, String doing, String why, @Nullable Throwable cause) {
    return new EndpointException(code, doing + ": " + why, cause);
  }

  /** A broker that cannot carry sessions. */
  static EndpointException unusable(Endpoint endpoint, String why) {
    return fault(StatusCode.FAILED_PRECONDITION, "cannot use the broker of " + endpoint, why, null);
  }

  /** A reason code in words (MQTT 5, 2.4). */
  static String nameOf(int code) {
    return switch (code) {
      case NOBODY -> "no matching subscribers";
      case 0x05, 0x87 -> "not authorized";
      case 0x80 -> "unspecified error";
      case 0x81 -> "malformed packet";
      case 0x82 -> "protocol error";
      case 0x83 -> "implementation specific error";
      case 0x85 -> "client identifier not valid";
      case 0x86 -> "bad user name or password";
      case 0x88 -> "server unavailable";
      case 0x89 -> "server busy";
      case 0x8a -> "banned";
      case 0x8b -> "server shutting down";
      case 0x8c -> "bad authentication method";
      case 0x8d -> "keep alive time-out";
      case 0x8e -> "session taken over";
      case 0x8f -> "topic filter invalid";
      case 0x90 -> "topic name invalid";
      case 0x93 -> "receive maximum exceeded";
      case 0x95 -> "packet too large";
      case 0x97 -> "quota exceeded";
      case 0x98 -> "administrative action";
      case 0x99 -> "payload format invalid";
      case 0x9b -> "QoS not supported";
      case 0x9c -> "use another server";
      case 0x9d -> "server moved";
      case 0x9e -> "shared subscriptions not supported";
      case 0x9f -> "connection rate exceeded";
      default -> "reason code";
    };
  }

  private static String told(int code) {
    return "the broker said " + nameOf(code) + " (0x" + Integer.toHexString(code) + "); ";
  }

  /** For the reason of a close. */
  static String textOf(Throwable failure) {
    if (failure instanceof MqttException mqtt) {
      int code = mqtt.getReasonCode();
      if (code >= NOBODY && code <= 0xff) {
        return nameOf(code) + " (0x" + Integer.toHexString(code) + ")";
      }
      if (mqtt.getCause() != null) {
        return textOf(mqtt.getCause());
      }
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
