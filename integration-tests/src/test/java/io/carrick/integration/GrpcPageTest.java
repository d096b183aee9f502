package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/transports/grpc.md, in its order. Names of hosts are in NamesTest, whom TLS lets in in
 * GrpcsHandshakeTest and TlsNeedsTest, limits in GrpcAccessTest, GrpcLimitsTest, UnreadStreamsTest
 * and, of hostile peers, GrpcHostileTest, GrpcSlowPeersTest, GrpcUnknownPeersTest and PaceTest; a
 * server of something else in RefusedForGoodTest, the socket in GrpcEndpointTest, capabilities in
 * the three contract tests.
 */
@Tag("side-by-side")
@Timeout(60)
final class GrpcPageTest {

  @TempDir Path directory;
  private final Messenger client = TestTls.messenger("client").build();

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void port0LetsTheSystemChooseAndAnIpv6AddressStandsInBrackets() {
    try (Messenger server = TransportPage.listen("grpc://[::1]:0")) {
      assertThat(server.endpoints().get(0)).matches("grpc://\\[::1]:[1-9][0-9]*");
      assertThat(TransportPage.who(client, server.endpoints().get(0), SecurityLevel.NONE))
          .isEqualTo("none:");
    }
  }

  @Test
  void aPathAQueryAndAFragmentAreRefusedButForReflectionWhereAServiceListens() {
    for (String wrong : List.of("/p", "?q=1", "#f", "?reflection=maybe")) {
      TransportPage.notToListen("grpc://127.0.0.1:0" + wrong, StatusCode.INVALID_ARGUMENT);
      TransportPage.notToConnect(client, "grpc://127.0.0.1:7" + wrong, StatusCode.INVALID_ARGUMENT);
    }
    for (String fine : List.of("?reflection=on", "?reflection=off")) {
      TransportPage.listen("grpc://127.0.0.1:0" + fine).close();
    }
    TransportPage.notToConnect(
        client, "grpc://127.0.0.1:7?reflection=on", StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void aClientUsesNoProxy() {
    List<URI> asked = new CopyOnWriteArrayList<>();
    ProxySelector before = ProxySelector.getDefault();
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            asked.add(uri);
            return List.of(Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        });
    try (Messenger server = TransportPage.listen("grpc://127.0.0.1:0")) {
      String named = server.endpoints().get(0).replace("127.0.0.1", "localhost");

      TransportPage.who(client, named, SecurityLevel.NONE);

      assertThat(asked).isEmpty();
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  // Security and identity.

  @Test
  void plainGivesNoneAndNobodyAndTlsGivesMutualWhereTheClientShowsACertificate() {
    try (Messenger plain = TransportPage.listen("grpc://127.0.0.1:0");
        Messenger secure = TransportPage.listen("grpcs://127.0.0.1:0")) {
      assertThat(TransportPage.who(client, plain.endpoints().get(0), SecurityLevel.NONE))
          .isEqualTo("none:");
      assertThat(TransportPage.who(client, secure.endpoints().get(0), SecurityLevel.MUTUAL))
          .isEqualTo("tls:localhost");
    }
  }

  @Test
  void theSocketIsAsGoodAsUnix() throws IOException {
    Path socket = directory.resolve("s");
    try (Messenger server = TransportPage.listen("grpc+unix:" + socket)) {
      assertThat(TransportPage.who(client, server.endpoints().get(0), SecurityLevel.MUTUAL))
          .isEqualTo("unix:" + System.getProperty("user.name"));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
    }
  }

  // Errors.

  @Test
  void noHostAndNoPortAreInvalidWithHowToWriteIt() {
    for (String wrong : List.of("grpc:", "grpc://127.0.0.1", "grpc://:7400", "grpcs://a:70000")) {
      TransportPage.notToListen(wrong, StatusCode.INVALID_ARGUMENT, "://");
      TransportPage.notToConnect(client, wrong, StatusCode.INVALID_ARGUMENT, "://");
    }
  }

  @Test
  void whereNobodyListensOrTheNameWasNotResolvedItIsUnavailable() {
    fails("grpc://127.0.0.1:1", StatusCode.UNAVAILABLE, "127.0.0.1:1");
    fails("grpc://nobody.invalid:7400", StatusCode.UNAVAILABLE, "nobody.invalid", "resolve");
  }

  @Test
  void whatSpeaksNoGrpcIsAConnectExceptionAfterTheTimeOutAtTheLatest() throws IOException {
    Duration time = Duration.ofMillis(700);
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Messenger hasty = TestTls.messenger("hasty").connectTimeout(time).build()) {
      long start = System.nanoTime();

      fails(hasty, "grpc://127.0.0.1:" + silent.getLocalPort(), StatusCode.UNAVAILABLE);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(time.plusSeconds(3));
    }
  }

  @Test
  void tlsToAPortWithoutItAndNoTlsToAPortWithItSaySo() {
    try (Messenger plain = TransportPage.listen("grpc://127.0.0.1:0");
        Messenger secure = TransportPage.listen("grpcs://127.0.0.1:0")) {
      fails(
          plain.endpoints().get(0).replace("grpc:", "grpcs:"),
          StatusCode.UNAUTHENTICATED,
          "it does not speak TLS");
      fails(
          secure.endpoints().get(0).replace("grpcs:", "grpc:"), StatusCode.UNAVAILABLE, "grpcs://");
    }
  }

  private void fails(String endpoint, StatusCode code, String... words) {
    fails(client, endpoint, code, words);
  }

  private static void fails(Messenger from, String endpoint, StatusCode code, String... words) {
    MessagingException failure =
        Failures.in(from.connect(endpoint).connect(), ConnectException.class);

    Failures.check(failure, code, Delivered.NO, words);
  }

  @Test
  void aListenerWithoutAnIdentityAPortInUseAndAHostOfAnotherMachineAreRefused() {
    TransportPage.notToListen("grpcs://127.0.0.1:0", StatusCode.FAILED_PRECONDITION, "identity");
    TransportPage.notToListen("grpc://192.0.2.1:0", StatusCode.FAILED_PRECONDITION, "192.0.2.1");
    try (Messenger server = TransportPage.listen("grpc://127.0.0.1:0")) {
      TransportPage.notToListen(server.endpoints().get(0), StatusCode.ALREADY_EXISTS);
    }
  }
}
