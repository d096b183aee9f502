package io.carrick.transport.tcp;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.BeforeAll;

final class TcpTransportContractTest extends TransportContract {

  /** With the first close of a socket the JDK opens a file for the whole process, and keeps it. */
  @BeforeAll
  static void closeASocket() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel.open(server.getLocalAddress()).close();
    }
  }

  @Override
  protected TransportProvider provider() {
    return new TcpTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("tcp://127.0.0.1:0");
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("tcp://127.0.0.1:9");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.NONE).withCost(40);
  }

  @Override
  protected Principal expectedPrincipal() {
    return Principal.NONE;
  }
}
