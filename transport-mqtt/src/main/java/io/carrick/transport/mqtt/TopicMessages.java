package io.carrick.transport.mqtt;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.StatusCode;
import java.io.DataOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttDataTypes;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;

/** Messages of an application as those of MQTT 5, and back: docs/mqtt.md has the table. */
final class TopicMessages {

  /** Where it is {@code true}: a message that the broker keeps for who subscribes later. */
  static final String RETAIN = "mqtt-retain";

  /** A subscription that a group shares, so that each message goes to one of it. */
  static final String SHARE = "mqtt-share";

  /** How many user properties of a message are no headers, and were left out. */
  private static final String OMITTED = "mqtt-omitted";

  /** The milliseconds that a caller waits for its reply. */
  private static final String TIMEOUT = "carrick-timeout-ms";

  /** In a reply: why there is none, by the name of a {@link StatusCode}. */
  private static final String STATUS = "carrick-status";

  /** In such a reply: {@code no} where no handler saw the request. */
  private static final String DELIVERED = "carrick-delivered";

  private static final Set<String> OURS = Set.of(RETAIN, SHARE, TIMEOUT, STATUS, DELIVERED);
  private static final int MOST_STATUS = 20;
  private static final int MOST_TEXT_BYTES = 65_535;

  private TopicMessages() {}

  /** A message as it is published. */
  static MqttMessage of(Message message, int qos) {
    MqttProperties properties = new MqttProperties();
    if (!message.contentType().isEmpty()) {
      properties.setContentType(message.contentType());
    }
    List<UserProperty> headers = new ArrayList<>();
    for (Headers.Entry each : message.headers().entries()) {
      if (!OURS.contains(each.name())) {
        headers.add(new UserProperty(each.name(), each.value()));
      }
    }
    properties.setUserProperties(headers);
    return new MqttMessage(message.sharedBytes(), qos, false, properties);
  }

  static boolean isRetained(Message message) {
    return message.headers().first(RETAIN).filter("true"::equals).isPresent();
  }

  /** Lets it go when nobody waits for it any more. */
  static void expire(MqttMessage message, Duration left) {
    message.getProperties().setMessageExpiryInterval(Math.max(1, (left.toMillis() + 999) / 1_000));
  }

  /** Asks for a reply. */
  static void ask(MqttMessage message, String replyTopic, String tag, Duration left) {
    message.getProperties().setResponseTopic(replyTopic);
    message.getProperties().setCorrelationData(tag.getBytes(StandardCharsets.ISO_8859_1));
    message
        .getProperties()
        .getUserProperties()
        .add(new UserProperty(TIMEOUT, Long.toString(Math.max(1, left.toMillis()))));
  }

  /** Which request a reply answers; empty where it does not say. */
  static String tagOf(MqttMessage reply) {
    byte[] tag = reply.getProperties().getCorrelationData();
    return tag == null ? "" : new String(tag, StandardCharsets.ISO_8859_1);
  }

  /** How long the caller waits for a reply, as far as it says. */
  static Duration timeLeft(MqttMessage request, Duration otherwise) {
    Duration left = otherwise;
    Long seconds = request.getProperties().getMessageExpiryInterval();
    if (seconds != null && seconds > 0) {
      left = shorter(left, Duration.ofSeconds(seconds));
    }
    String millis = property(request, TIMEOUT);
    if (millis != null && millis.matches("[1-9][0-9]{0,9}")) {
      left = shorter(left, Duration.ofMillis(Long.parseLong(millis)));
    }
    return left;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static @Nullable String property(MqttMessage message, String name) {
    for (UserProperty each : message.getProperties().getUserProperties()) {
      if (each.getKey().equals(name)) {
        return each.getValue();
      }
    }
    return null;
  }

  /** A message as it came. */
  static Message of(String topic, MqttMessage message) {
    List<Headers.Entry> entries = new ArrayList<>();
    int omitted = 0;
    int bytes = 0;
    for (UserProperty each : message.getProperties().getUserProperties()) {
      if (OURS.contains(each.getKey())) {
        continue;
      }
      try {
        Headers.Entry entry = new Headers.Entry(each.getKey(), each.getValue());
        bytes += entry.name().length() + entry.value().getBytes(StandardCharsets.UTF_8).length;
        // Room for two of ours.
        if (entries.size() > Headers.MAX_ENTRIES - 3 || bytes > Headers.MAX_BYTES - 64) {
          throw new IllegalArgumentException("too many");
        }
        entries.add(entry);
      } catch (IllegalArgumentException e) {
        omitted++;
      }
    }
    if (omitted > 0) {
      entries.add(new Headers.Entry(OMITTED, Integer.toString(omitted)));
    }
    if (message.isRetained()) {
      entries.add(new Headers.Entry(RETAIN, "true"));
    }
    String contentType = message.getProperties().getContentType();
    return Message.wrap(
        topic, Headers.of(entries), contentType == null ? "" : contentType, message.getPayload());
  }

  /** The reply to a request that failed. */
  static MqttMessage failed(MessagingException failure) {
    String text = failure.getMessage() == null ? "" : failure.getMessage();
    MqttMessage reply = of(Message.ofText(text), 1);
    List<UserProperty> properties = reply.getProperties().getUserProperties();
    properties.add(new UserProperty(STATUS, failure.code().name()));
    if (failure.delivered() == Delivered.NO) {
      properties.add(new UserProperty(DELIVERED, "no"));
    }
    return reply;
  }

  /** What a reply says went wrong; null where it is one. */
  static @Nullable MessagingException failure(MqttMessage reply) {
    String status = property(reply, STATUS);
    if (status == null || status.equals(StatusCode.OK.name())) {
      return null;
    }
    StatusCode code = StatusCode.UNKNOWN;
    for (StatusCode each : StatusCode.values()) {
      if (status.length() <= MOST_STATUS && each.name().equals(status)) {
        code = each;
      }
    }
    String text = new String(reply.getPayload(), StandardCharsets.UTF_8);
    Delivered delivered = "no".equals(property(reply, DELIVERED)) ? Delivered.NO : Delivered.YES;
    return code == StatusCode.RESOURCE_EXHAUSTED && delivered == Delivered.NO
        ? new OverloadedException(delivered, text)
        : new CallException(code, delivered, text, Map.of(), null);
  }

  /**
   * Whether Paho takes its texts, which it looks at when it writes them: then it ends the
   * connection.
   *
   * @throws IllegalArgumentException if it does not: half a surrogate pair, or more than fits
   */
  static void check(MqttMessage message) {
    MqttProperties properties = message.getProperties();
    if (properties.getContentType() != null) {
      check(properties.getContentType());
    }
    properties.getUserProperties().forEach(each -> check(each.getValue()));
  }

  private static void check(String text) {
    try {
      MqttDataTypes.encodeUTF8(new DataOutputStream(OutputStream.nullOutputStream()), text);
    } catch (MqttException e) {
      throw new IllegalArgumentException(e);
    }
    if (utf8(text) > MOST_TEXT_BYTES) {
      throw new IllegalArgumentException("a text of more than " + MOST_TEXT_BYTES + " bytes");
    }
  }

  /** The most bytes that it has as a packet: each property has its name and two lengths. */
  static long packetBytes(String topic, MqttMessage message) {
    MqttProperties properties = message.getProperties();
    long bytes = 32L + utf8(topic) + message.getPayload().length;
    bytes += utf8(properties.getContentType()) + utf8(properties.getResponseTopic()) + 64;
    for (UserProperty each : properties.getUserProperties()) {
      bytes += 5L + utf8(each.getKey()) + utf8(each.getValue());
    }
    return bytes;
  }

  private static int utf8(@Nullable String text) {
    return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }
}
