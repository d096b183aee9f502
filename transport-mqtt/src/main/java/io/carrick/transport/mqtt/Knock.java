package io.carrick.transport.mqtt;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;

/**
 * Somebody asks for a connection. Its topics follow from its name here, on both sides: nobody
 * publishes to a topic that a stranger names.
 *
 * @param connection its name
 * @param client of the one who asks
 */
record Knock(String connection, String client) {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern TAG = Pattern.compile("[0-9a-f]{32}");
  private static final String CONNECTION = "carrick/v1/c/";
  private static final String CLIENT = "client";
  private static final byte[] NOTHING = new byte[0];

  /** A name that nobody can guess: 128 bits in hexadecimal, of a client or of a connection. */
  static String tag() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** What a message at a door says; null if it is none of ours. */
  static @Nullable Knock of(MqttProperties properties) {
    byte[] name = properties.getCorrelationData();
    String connection = name == null ? "" : new String(name, StandardCharsets.ISO_8859_1);
    String client = clientIn(properties);
    return client == null || !TAG.matcher(connection).matches()
        ? null
        : new Knock(connection, client);
  }

  /** Who has sent a message; null if it does not say. */
  static @Nullable String clientIn(MqttProperties properties) {
    for (UserProperty each : properties.getUserProperties()) {
      if (each.getKey().equals(CLIENT) && TAG.matcher(each.getValue()).matches()) {
        return each.getValue();
      }
    }
    return null;
  }

  /** Where the end reads that has dialled. */
  static String toDialler(String connection) {
    return CONNECTION + connection + "/d";
  }

  /** Where the end reads that listened. */
  static String toAcceptor(String connection) {
    return CONNECTION + connection + "/a";
  }

  /**
   * The message at the door.
   *
   * @param seconds after which nobody waits for the answer
   */
  MqttProperties properties(long seconds) {
    MqttProperties properties = from(client, new MqttProperties());
    properties.setCorrelationData(connection.getBytes(StandardCharsets.ISO_8859_1));
    properties.setMessageExpiryInterval(seconds);
    return properties;
  }

  /**
   * Answers it, with QoS 1: then a broker says whether somebody still listens.
   *
   * @param answered told on the loop, with the failure if there was one
   */
  void answer(BrokerClient at, Header.Kind kind, Consumer<@Nullable Throwable> answered) {
    at.publish(
        toDialler(connection),
        NOTHING,
        1,
        from(at.id(), new Header(kind, 0, 0).properties()),
        answered);
  }

  private static MqttProperties from(String client, MqttProperties properties) {
    properties.setUserProperties(List.of(new UserProperty(CLIENT, client)));
    return properties;
  }
}
