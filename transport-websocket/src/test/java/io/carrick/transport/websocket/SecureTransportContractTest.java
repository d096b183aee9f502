package io.carrick.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.testkit.TestTls;
import io.carrick.testkit.TransportContract;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecureTransportContractTest extends TransportContract {

  @TempDir static Path directory;

  private static TlsConfig tls = TlsConfig.SYSTEM;

  @BeforeAll
  static void issue() {
    tls = new TestTls(directory).mutual();
  }

  @Override
  protected TransportProvider provider() {
    return new WebSocketTransportProvider();
  }

  @Override
  protected TlsConfig tls() {
    return tls;
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("wss://127.0.0.1:0");
  }

  @Override
  protected Endpoint nobodyListening() {
    return Endpoint.parse("wss://127.0.0.1:9");
  }

  @Override
  protected Capabilities expectedCapabilities() {
    return Capabilities.of(SecurityLevel.MUTUAL)
        .withAuthenticatesPeer(true)
        .withHttpProxies(true)
        .withCost(40);
  }

  @Override
  protected Principal expectedPrincipal() {
    return new Principal("tls", "localhost");
  }

  /** TLS tells each end that the other's output is over; the socket alone would not. */
  @Test
  void endsThatCloseAtOnceDoNotLinger() throws Exception {
    long fastest = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      try (Link link = new Link(tls, tls)) {
        Endpoint endpoint = link.listen("wss://127.0.0.1:0").endpoint();
        RecordingReceiver dialled = Link.receive(Await.result(link.server.connect(endpoint)));
        RecordingReceiver accepted = Link.receive(link.accepted());

        long start = System.nanoTime();
        link.server.close();
        fastest = Math.min(fastest, System.nanoTime() - start);

        Await.result(dialled.closed());
        Await.result(accepted.closed());
      }
    }
    assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(500));
  }
}
