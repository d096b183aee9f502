package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.ConnectException;
import io.carrick.Messenger;
import io.carrick.PeerLimits;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.VerifiedToken;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that nobody knows yet, and principals that come too often. */
@Timeout(60)
class PeerLimitsTest {

  private static final int MOST = 3;

  private final String endpoint = "memory:" + UUID.randomUUID();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private Messenger server(PeerLimits limits, Duration resumeTime) {
    Messenger server =
        Messenger.builder("server")
            .optionalTokens(name -> new VerifiedToken(name, Instant.now().plusSeconds(3_600)))
            .peerLimits(limits)
            .resumeTime(resumeTime)
            .listen(endpoint)
            .build();
    server.handle("whoami", String.class, (text, call) -> call.principal().toString());
    open.add(server);
    return server;
  }

  private Remote remote(String name) {
    Messenger client = Messenger.builder("client").token(() -> name).build();
    open.add(0, client);
    return client.connect(endpoint);
  }

  private static String ask(Remote remote) throws Exception {
    return remote.request("whoami", "?", String.class).get(10, SECONDS);
  }

  @Test
  void t09_aPrincipalHasSoManySessionsAndOthersDoNotNotice() throws Exception {
    Messenger server =
        server(PeerLimits.DEFAULT.withSessionsPerPrincipal(MOST), Duration.ofSeconds(120));
    for (int i = 0; i < MOST; i++) {
      assertThat(ask(remote("alice"))).isEqualTo("token:alice");
    }

    Remote tooMany = remote("alice");
    Throwable refused = catchThrowable(() -> ask(tooMany)).getCause();

    assertThat(refused)
        .isInstanceOfSatisfying(
            ConnectException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
              assertThat(e.retrySafe()).isTrue();
            })
        .hasMessageContaining("token:alice")
        .hasMessageContaining("3 sessions")
        .hasMessageContaining("PeerLimits.sessionsPerPrincipal");
    assertThat(ask(remote("bob"))).isEqualTo("token:bob");

    open.remove(2).close(); // A session of alice, behind those of bob and of who was refused.
    Await.until("the place of the session", () -> server.peers().size() == MOST);
    assertThat(ask(tooMany)).isEqualTo("token:alice");
  }

  @Test
  void t10_theOldestOfThoseThatSaidNothingGoes() throws Exception {
    server(PeerLimits.DEFAULT.withUnknownPeers(MOST), Duration.ofSeconds(120));
    Remote known = remote("alice");
    assertThat(ask(known)).isEqualTo("token:alice");
    Transport transport = new MemoryTransportProvider().create(TransportConfig.of("idle"));
    open.add(transport::close);
    List<RecordingReceiver> idle = new ArrayList<>();
    for (int i = 0; i < 4 * MOST; i++) {
      Connection connection = Await.result(transport.connect(Endpoint.parse(endpoint)));
      RecordingReceiver receiver = new RecordingReceiver();
      connection.receive(receiver);
      idle.add(receiver);
      if (i >= MOST) {
        Await.result(idle.get(i - MOST).closed());
      }
      assertThat(ask(known)).isEqualTo("token:alice");
    }

    idle.subList(3 * MOST + 1, 4 * MOST)
        .forEach(young -> assertThat(young.closed().toCompletableFuture()).isNotDone());
    assertThat(ask(remote("bob"))).isEqualTo("token:bob");
    Await.result(idle.get(3 * MOST).closed());
  }

  @Test
  void limitsOutOfRangeNameTheRange() {
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withUnknownPeers(0))
        .hasMessage("unknownPeers 0 must be 1 to 1000000");
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withUnknownBytes(16_383))
        .hasMessage("unknownBytes 16383 must be 16384 to 1048576");
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withSessionsPerPrincipal(0))
        .hasMessageContaining("sessionsPerPrincipal 0");
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withSessionsPerAddress(0))
        .hasMessage("sessionsPerAddress 0 must be 1 to 1000000");
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withSessionsWithoutPrincipal(1_000_001))
        .hasMessage("sessionsWithoutPrincipal 1000001 must be 1 to 1000000");
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withLeastRate(-1, Duration.ofSeconds(1)))
        .hasMessageContaining("leastBytesPerSecond -1");
    assertThatThrownBy(() -> PeerLimits.DEFAULT.withLeastRate(1, Duration.ofMillis(99)))
        .hasMessageContaining("rateWindow PT0.099S must be PT0.1S to PT5M");
  }
}
