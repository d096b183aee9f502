package io.carrick.transport.tcp;

import io.carrick.EndpointException;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Set;

/** Gives the transport of {@code tcp://host:port}, the example of docs/writing-a-transport.md. */
public final class TcpTransportProvider implements TransportProvider {

  @Override
  public Set<String> schemes() {
    return Set.of("tcp");
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    addressOf(endpoint);
    return Capabilities.of(SecurityLevel.NONE).withCost(40);
  }

  @Override
  public Transport create(TransportConfig config) {
    return new TcpTransport(config);
  }

  static InetSocketAddress addressOf(Endpoint endpoint) {
    URI uri = endpoint.uri();
    if (!endpoint.scheme().equals("tcp")
        || uri.getHost() == null
        || uri.getPort() < 0
        || uri.getPort() > 65_535
        || !(uri.getRawPath() + uri.getRawQuery() + uri.getRawFragment()).equals("nullnull")) {
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "endpoint " + endpoint + " is no address of TCP: write tcp://host:port",
          null);
    }
    return new InetSocketAddress(uri.getHost(), uri.getPort());
  }
}
