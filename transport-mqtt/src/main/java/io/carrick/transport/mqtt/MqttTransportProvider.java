package io.carrick.transport.mqtt;

import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.Set;

/**
 * Gives the transport of {@code mqtt://host:port/service} and {@code mqtts://host:port/service}:
 * sessions between peers that meet only at an MQTT 5 broker; and of {@code mqtt://host:port}: the
 * topics there. Any thread may use it.
 */
public final class MqttTransportProvider implements TransportProvider {

  /** Behind whatever reaches the peer without somebody in between. */
  private static final int COST = 80;

  /** Creates the provider; {@link java.util.ServiceLoader} does so, too. */
  public MqttTransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(MqttAddress.PLAIN, MqttAddress.SECURE);
  }

  /** TLS is spoken with the broker, which reads and writes all: the level stays none. */
  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    return Capabilities.of(SecurityLevel.NONE)
        .withBrokered(true)
        .withDurable(MqttAddress.of(endpoint).client() != null)
        .withCost(COST);
  }

  @Override
  public Transport create(TransportConfig config) {
    return new MqttTransport(config);
  }
}
