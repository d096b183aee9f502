package io.carrick.transport.unix;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportContract;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

final class UnixTransportContractTest extends TransportContract {

  private static final AtomicInteger NEXT = new AtomicInteger();

  @TempDir static Path directory;

  @Override
  protected TransportProvider provider() {
    return new UnixTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("unix:" + directory.resolve(NEXT.incrementAndGet() + ".sock"));
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("unix:" + directory.resolve("nobody"));
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.MUTUAL)
        .withAuthenticatesPeer(true)
        .withSameHostOnly(true)
        .withCost(5);
  }

  @Override
  protected Principal expectedPrincipal() {
    return new Principal("unix", System.getProperty("user.name"));
  }
}
