package io.carrick.transport.http2;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;
import java.util.function.Predicate;

final class Http2TransportContractTest extends TransportContract {

  @Override
  protected TransportProvider provider() {
    return new Http2TransportProvider();
  }

  @Override
  protected Predicate<Thread> libraryThreads() {
    return LibraryThreads::areOfOkHttp;
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("http://127.0.0.1:0");
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("http://127.0.0.1:9");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.NONE).withCost(35);
  }

  @Override
  protected Principal expectedPrincipal() {
    return Principal.NONE;
  }
}
