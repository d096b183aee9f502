package io.carrick.transport.mqtt;

import java.nio.ByteBuffer;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * What each message of a connection carries beside its body, as Correlation Data: 17 bytes.
 *
 * @param kind what it is
 * @param number of a DATA, from 1; of an END how many DATA went before it; else 0
 * @param granted up to which number the other side may send
 */
record Header(Kind kind, long number, long granted) {

  private static final int BYTES = 17;

  /** In the order of their codes on the wire. */
  enum Kind {
    /** A packet of frames. */
    DATA,
    /** Nothing but the grant. */
    GRANT,
    /** No more will come. */
    END,
    /** A service has taken the connection. */
    OPENED,
    /** A service does not take it. */
    REFUSED
  }

  private static final Kind[] KINDS = Kind.values();

  /** The header of a message; null if it has none of ours. */
  static @Nullable Header of(MqttProperties properties) {
    byte[] data = properties.getCorrelationData();
    if (data == null || data.length != BYTES) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(data);
    int kind = bytes.get();
    return kind < 0 || kind >= KINDS.length
        ? null
        : new Header(KINDS[kind], bytes.getLong(), bytes.getLong());
  }

  /** The properties of a message with this header. */
  MqttProperties properties() {
    MqttProperties properties = new MqttProperties();
    properties.setCorrelationData(
        ByteBuffer.allocate(BYTES)
            .put((byte) kind.ordinal())
            .putLong(number)
            .putLong(granted)
            .array());
    return properties;
  }
}
