package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.PeerLimits;
import io.carrick.Remote;
import io.carrick.VerifiedToken;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept small until it is known, beside what is known and what becomes known. */
@Timeout(60)
final class UnknownPeersTest {

  private static final int TOKEN_BYTES = 8_192;
  private static final int LARGE = 1 << 20;
  private static final int MOST = 20;
  private static final int IDLE = 200;

  @TempDir Path directory;

  private Messenger serve(String scheme, PeerLimits limits) {
    Messenger server =
        TestTls.messenger("orders")
            .tokens(token -> new VerifiedToken("a" + token.length(), Instant.MAX))
            .tokensInClear()
            .peerLimits(limits)
            .listen(scheme + (scheme.contains("unix") ? ":" + directory : "://127.0.0.1:0"))
            .build();
    server.handle("echo", byte[].class, bytes -> bytes);
    server.handle("whoami", String.class, (text, call) -> call.principal().toString());
    CountingStream.serve(server);
    return server;
  }

  private static Messenger client() {
    return TestTls.messenger("web").token(() -> "t".repeat(TOKEN_BYTES)).tokensInClear().build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "grpcs"})
  void t10_aSessionMayBeginWithTheLongestTokenAndALargeMessage(String scheme) throws Exception {
    try (Messenger server = serve(scheme, PeerLimits.DEFAULT)) {
      for (int i = 0; i < 5; i++) {
        try (Messenger client = client()) {
          Remote remote = client.connect(server.endpoints().get(0));

          byte[] echo = remote.request("echo", new byte[LARGE], byte[].class).get(10, SECONDS);

          assertThat(echo).hasSize(LARGE);
          assertThat(remote.request("whoami", "", String.class).get(10, SECONDS))
              .isEqualTo("token:a" + TOKEN_BYTES);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "grpcs"})
  void t10_idlePeersPushEachOtherOutAndNobodyElse(String scheme) throws Exception {
    try (Messenger server = serve(scheme, PeerLimits.DEFAULT.withUnknownPeers(MOST));
        Messenger client = client()) {
      String endpoint = server.endpoints().get(0);
      Remote known = client.connect(endpoint);
      assertThat(known.request("whoami", "", String.class).get(10, SECONDS)).contains("token:");
      long before = descriptors();
      List<Socket> idle = new ArrayList<>();
      try (CountingStream beside = new CountingStream(known)) {
        for (int i = 0; i < IDLE; i++) {
          idle.add(new Socket(InetAddress.getLoopbackAddress(), URI.create(endpoint).getPort()));
          if (i % MOST == 0) {
            try (Messenger another = client()) {
              assertThat(
                      another
                          .connect(endpoint)
                          .request("echo", new byte[i], byte[].class)
                          .get(10, SECONDS))
                  .hasSize(i);
            }
          }
        }
        for (Socket gone : idle.subList(0, IDLE - MOST)) {
          assertThat(ends(gone, 10_000)).isTrue();
        }
        for (Socket young : idle.subList(IDLE - MOST, IDLE)) {
          assertThat(ends(young, 10)).isFalse();
        }
        beside.verify();
        assertThat(known.request("whoami", "", String.class).get(10, SECONDS)).contains("token:");
      }
      Await.until("the descriptors to return to " + before, () -> descriptors() <= before);
    }
  }

  /** Whether the other side closes it within this time; closed then in any case. */
  private static boolean ends(Socket socket, int millis) throws IOException {
    socket.setSoTimeout(millis);
    try (socket) {
      while (socket.getInputStream().read() >= 0) {}
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  private static long descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
