package io.carrick.transport.http2;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TestTls;
import io.carrick.testkit.TransportContract;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

final class HttpsTransportContractTest extends TransportContract {

  @TempDir static Path directory;

  private static TlsConfig tls = TlsConfig.SYSTEM;

  @BeforeAll
  static void issue() {
    tls = new TestTls(directory).mutual();
  }

  @Override
  protected TransportProvider provider() {
    return new Http2TransportProvider();
  }

  @Override
  protected TlsConfig tls() {
    return tls;
  }

  @Override
  protected Predicate<Thread> libraryThreads() {
    return LibraryThreads::areOfOkHttp;
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("https://127.0.0.1:0");
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("https://127.0.0.1:9");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.MUTUAL).withAuthenticatesPeer(true).withCost(35);
  }

  @Override
  protected Principal expectedPrincipal() {
    return new Principal("tls", "localhost");
  }
}
