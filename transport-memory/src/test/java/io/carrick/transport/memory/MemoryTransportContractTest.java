package io.carrick.transport.memory;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;
import java.util.UUID;

final class MemoryTransportContractTest extends TransportContract {

  @Override
  protected TransportProvider provider() {
    return new MemoryTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("memory:" + UUID.randomUUID());
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("memory:nobody");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.MUTUAL)
        .withAuthenticatesPeer(true)
        .withSameHostOnly(true)
        .withCost(0);
  }

  @Override
  protected Principal expectedPrincipal() {
    return new Principal("memory", "local");
  }

  @Override
  protected boolean crossesProcesses() {
    return false;
  }
}
