package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * docs/transports/websocket.md, in its order. Endpoints are in WebSocketEndpointTest, whom TLS lets
 * in in WssHandshakeTest, servers and gateways that are not ours in WebSocketForeignPeersTest,
 * clients that break rules in WebSocketHostileTest, capabilities in the two contract tests, proxies
 * in ProxiesTest.
 */
@Timeout(60)
final class WebSocketPageTest {

  private final Messenger client = TestTls.messenger("client").build();

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void port0LetsTheSystemChooseAndAnIpv6AddressStandsInBrackets() {
    try (Messenger server = TransportPage.listen("ws://[::1]:0")) {
      assertThat(server.endpoints().get(0)).matches("ws://\\[::1]:[1-9][0-9]*");
      assertThat(TransportPage.who(client, server.endpoints().get(0), SecurityLevel.NONE))
          .isEqualTo("none:");
    }
  }

  @Test
  void aPathAQueryAndAFragmentAreRefused() {
    for (String wrong : List.of("/p", "?q=1", "#f")) {
      TransportPage.notToListen("ws://127.0.0.1:0" + wrong, StatusCode.INVALID_ARGUMENT);
      TransportPage.notToConnect(client, "ws://127.0.0.1:7" + wrong, StatusCode.INVALID_ARGUMENT);
    }
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
    try (Messenger server = TransportPage.listen("ws://127.0.0.1:0")) {
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
    try (Messenger plain = TransportPage.listen("ws://127.0.0.1:0");
        Messenger secure = TransportPage.listen("wss://127.0.0.1:0")) {
      assertThat(TransportPage.who(client, plain.endpoints().get(0), SecurityLevel.NONE))
          .isEqualTo("none:");
      assertThat(TransportPage.who(client, secure.endpoints().get(0), SecurityLevel.MUTUAL))
          .isEqualTo("tls:localhost");
    }
  }

  @Test
  void noHostAndNoPortAreInvalidWithHowToWriteIt() {
    for (String wrong : List.of("ws:x", "ws://127.0.0.1", "ws://:7400", "wss://a:70000")) {
      TransportPage.notToListen(wrong, StatusCode.INVALID_ARGUMENT, "://");
      TransportPage.notToConnect(client, wrong, StatusCode.INVALID_ARGUMENT, "://");
    }
  }

  @Test
  void whereNobodyListensOrTheNameWasNotResolvedItIsUnavailable() {
    fails("ws://127.0.0.1:1", StatusCode.UNAVAILABLE, "127.0.0.1:1");
    fails("ws://nobody.invalid:7400", StatusCode.UNAVAILABLE, "nobody.invalid", "resolve");
  }

  @Test
  void whatDoesNotAnswerIsAConnectExceptionAfterTheTimeOutAtTheLatest() throws IOException {
    Duration time = Duration.ofMillis(700);
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Messenger hasty = TestTls.messenger("hasty").connectTimeout(time).build()) {
      long start = System.nanoTime();

      fails(hasty, "ws://127.0.0.1:" + silent.getLocalPort(), StatusCode.UNAVAILABLE);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(time.plusSeconds(3));
    }
  }

  @Test
  void tlsToAPortWithoutItAndNoTlsToAPortWithItSaySo() {
    try (Messenger plain = TransportPage.listen("ws://127.0.0.1:0");
        Messenger secure = TransportPage.listen("wss://127.0.0.1:0")) {
      fails(
          plain.endpoints().get(0).replace("ws:", "wss:"),
          StatusCode.UNAUTHENTICATED,
          "it does not speak TLS");
      fails(secure.endpoints().get(0).replace("wss:", "ws:"), StatusCode.UNAVAILABLE, "wss://");
    }
  }

  @Test
  void aMessageThatAGatewayRefusesFailsWithItsSizeAndTheClientDoesNotComeForEver()
      throws Exception {
    try (Messenger server = TransportPage.listen("ws://127.0.0.1:0");
        Gateway gateway = new Gateway(URI.create(server.endpoints().get(0)).getPort(), 32 * 1024)) {
      server.handle("length", byte[].class, bytes -> bytes.length);
      Remote remote = client.connect(gateway.endpoint());
      assertThat(Await.result(remote.request("length", new byte[9], Integer.class))).isEqualTo(9);

      MessagingException failure =
          Failures.in(
              remote.request("length", new byte[100_000], Integer.class), MessagingException.class);

      assertThat(failure)
          .hasMessageMatching("(?s).* 1009: frame too large; .* had 655\\d\\d bytes.*");
      int came = gateway.connections();
      assertThat(Await.result(remote.request("length", new byte[8], Integer.class))).isEqualTo(8);
      assertThat(came).isLessThan(4);
      assertThat(gateway.connections()).isLessThan(6);
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
    TransportPage.notToListen("wss://127.0.0.1:0", StatusCode.FAILED_PRECONDITION, "identity");
    TransportPage.notToListen("ws://192.0.2.1:0", StatusCode.FAILED_PRECONDITION, "192.0.2.1");
    try (Messenger server = TransportPage.listen("ws://127.0.0.1:0")) {
      TransportPage.notToListen(server.endpoints().get(0), StatusCode.ALREADY_EXISTS);
    }
  }

  // Notes.

  @Test
  void oneSocketServesBothSchemesOfAMessenger() {
    String ws = TestTransport.WS.endpoint(Path.of("."));
    String http = ws.replace("ws:", "http:");
    for (List<String> order : List.of(List.of(ws, http), List.of(http, ws))) {
      Messenger.Builder builder = TestTls.messenger("server");
      order.forEach(builder::listen);
      try (Messenger server = builder.build()) {
        server.handle("who", String.class, (text, call) -> call.principal().toString());

        assertThat(server.endpoints()).isEqualTo(order);
        assertThat(TransportPage.who(client, ws, SecurityLevel.NONE)).isEqualTo("none:");
        assertThat(TransportPage.who(client, http, SecurityLevel.NONE)).isEqualTo("none:");
      }
    }
    TransportPage.notToListen(
        ws.replace("ws:", "wss:"), StatusCode.FAILED_PRECONDITION, "identity");
  }

  @Test
  void eightThreadsThatSendAtOnceLoseNothing() {
    try (Messenger server = TransportPage.listen("ws://127.0.0.1:0")) {
      server.handle("length", byte[].class, bytes -> bytes.length);
      Remote remote = client.connect(server.endpoints().get(0));
      List<CompletableFuture<Void>> senders =
          IntStream.range(0, 8)
              .mapToObj(
                  sender ->
                      CompletableFuture.runAsync(
                          () -> {
                            for (int i = 0; i < 250; i++) {
                              int size = (i * 977 + sender * 131) % 70_000;
                              Integer length =
                                  Await.result(
                                      remote.request("length", new byte[size], Integer.class));
                              assertThat(length).isEqualTo(size);
                            }
                          },
                          task -> new Thread(task).start()))
              .toList();
      senders.forEach(Await::result);
    }
  }
}
