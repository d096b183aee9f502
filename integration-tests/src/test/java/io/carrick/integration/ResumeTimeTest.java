package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Frame;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A session is kept for the shorter {@code resumeTime} of both sides, whoever says how long. */
@Timeout(60)
final class ResumeTimeTest {

  /** Far more than a session that ends with its connection takes, and far less than 120 s. */
  private static final Duration SOON = Duration.ofSeconds(10);

  private static final Duration OWN = Duration.ofMillis(1_500);

  @TempDir Path directory;

  private static boolean lost(Remote peer) {
    return peer.explain().events().stream().anyMatch(e -> e.what() == PathEvent.What.LOST);
  }

  private static void awaitLost(Remote peer) {
    Await.until(() -> "it is lost; " + peer.explain().events(), SOON, () -> lost(peer));
  }

  @ParameterizedTest
  @CsvSource({
    "UNIX,    0, 120000",
    "UNIX,  300, 120000",
    "UNIX, 120000, 300",
    "GRPC,    0, 120000",
    "GRPC,  300, 120000",
    "GRPC, 120000, 300"
  })
  void theServiceKeepsASessionForTheShorterTime(
      TestTransport transport, long clientMillis, long serverMillis) {
    try (TestPath path = TestPath.over(transport, directory, "way", "keeps", "kept", 1);
        Messenger server =
            Messenger.builder("kept")
                .resumeTime(Duration.ofMillis(serverMillis))
                .listen(path.listens())
                .build();
        Messenger client =
            Messenger.builder("keeps").resumeTime(Duration.ofMillis(clientMillis)).build()) {
      server.handle("echo", String.class, text -> text);
      Await.result(client.connect(path.dials()).request("echo", "x", String.class));
      Remote peer = server.peers().get(0);

      path.proxy().refuse();
      path.proxy().cut();

      awaitLost(peer);
      assertThat(server.peers()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0, 1_000_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void ofAForeignPeerTooAndNeverForLongerThanItsOwn(int said) {
    String endpoint = TestTransport.UNIX.endpoint(directory);
    try (Messenger server = Messenger.builder("server").resumeTime(OWN).listen(endpoint).build()) {
      Remote peer;
      long cut;
      try (RawPeer raw = RawPeer.connect(endpoint)) {
        raw.send(
            Frame.newBuilder()
                .setHello(RawPeer.hello().setKeyShare(basePoint()).setResumeMs(said))
                .build());
        assertThat(raw.next().getWelcome().getKeyShare().size()).isEqualTo(32);
        Await.until("it is a peer", () -> !server.peers().isEmpty());
        peer = server.peers().get(0);
        cut = System.nanoTime();
      }

      awaitLost(peer);

      Duration kept = Duration.ofNanos(System.nanoTime() - cut);
      if (said == 1) {
        assertThat(kept).isLessThan(OWN);
      } else {
        assertThat(kept).isGreaterThan(OWN.minusMillis(500));
      }
    }
  }

  /** A public key that gives a secret. */
  private static ByteString basePoint() {
    byte[] key = new byte[32];
    key[0] = 9;
    return ByteString.copyFrom(key);
  }
}
