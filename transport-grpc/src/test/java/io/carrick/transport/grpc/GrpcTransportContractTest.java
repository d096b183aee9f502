package io.carrick.transport.grpc;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;

final class GrpcTransportContractTest extends TransportContract {

  @Override
  protected TransportProvider provider() {
    return new GrpcTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("grpc://127.0.0.1:0");
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("grpc://127.0.0.1:9");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.NONE).withCost(30);
  }

  @Override
  protected Principal expectedPrincipal() {
    return Principal.NONE;
  }
}
