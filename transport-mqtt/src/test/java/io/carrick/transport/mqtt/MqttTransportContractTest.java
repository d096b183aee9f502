package io.carrick.transport.mqtt;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Over a Mosquitto as it comes. */
final class MqttTransportContractTest extends TransportContract {

  private static Mosquitto broker;

  @BeforeAll
  static void start() {
    broker = Mosquitto.start();
  }

  @AfterAll
  static void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  @Override
  protected TransportProvider provider() {
    return new MqttTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse(broker.endpoint("s-" + UUID.randomUUID()));
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse(broker.endpoint("nobody"));
  }

  @Override
  protected boolean severalMayListen() {
    return true;
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.NONE).withBrokered(true).withCost(80);
  }

  @Override
  protected Principal expectedPrincipal() {
    return Principal.NONE;
  }
}
