package io.carrick.transport.websocket;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;

final class WebSocketTransportContractTest extends TransportContract {

  @Override
  protected TransportProvider provider() {
    return new WebSocketTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("ws://127.0.0.1:0");
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("ws://127.0.0.1:9");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.NONE).withHttpProxies(true).withCost(40);
  }

  @Override
  protected Principal expectedPrincipal() {
    return Principal.NONE;
  }
}
