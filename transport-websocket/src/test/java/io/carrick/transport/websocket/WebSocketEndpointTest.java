package io.carrick.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.RecordingReceiver;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class WebSocketEndpointTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ws://127.0.0.1",
        "ws://127.0.0.1:70000",
        "ws://127.0.0.1:80/path",
        "ws://127.0.0.1:80?query",
        "wss://:80",
        "ws:nothing"
      })
  void whatNamesNoHostAndPortIsRefusedWithHowToWriteIt(String text) {
    Endpoint endpoint = Endpoint.parse(text);

    EndpointException failure =
        catchThrowableOfType(
            EndpointException.class,
            () ->
                new WebSocketTransportProvider()
                    .capabilities(endpoint, TransportConfig.of("client")));

    assertThat(failure.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    assertThat(failure)
        .hasMessageContaining(text)
        .hasMessageContaining("ws://host:port or wss://host:port");
    try (Link link = new Link()) {
      assertThat(link.failureToConnect(text)).hasMessage(failure.getMessage());
      assertThat(link.failureToListen(text)).hasMessage(failure.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws://localhost:0", "ws://[::1]:0"})
  void namesAndAddressesOfIpv6AreReached(String endpoint) throws Exception {
    try (Link link = new Link()) {
      exchange(link, link.listen(endpoint).endpoint().toString());
    }
  }

  @Test
  void aLinkLocalAddressIsReachedByItsZone() throws Exception {
    String address = linkLocal();
    assumeTrue(address != null, "this host has no link-local address");
    try (Link link = new Link()) {
      Listener listener = link.listen("ws://[::]:0");
      exchange(link, "ws://[" + address + "]:" + listener.endpoint().uri().getPort());
    }
  }

  private static String linkLocal() throws Exception {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(each -> each instanceof Inet6Address && each.isLinkLocalAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElse(null);
  }

  private static void exchange(Link link, String endpoint) throws Exception {
    Connection client = link.connect(endpoint);
    RecordingReceiver atServer = Link.receive(link.accepted());
    client.send(ByteBuffer.wrap(new byte[] {1}));
    client.flush();
    assertThat(atServer.nextFrame()).containsExactly(1);
  }

  @Test
  void aNameWithoutAnAddressIsTold() {
    try (Link link = new Link()) {
      assertThat(link.failureToConnect("ws://no-such-name.invalid:80"))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("the name no-such-name.invalid was not resolved")
          .hasMessageContaining("check the name and the DNS of this host");
    }
  }

  @Test
  void aPortInUseIs() {
    try (Link link = new Link()) {
      String endpoint = link.listen("ws://127.0.0.1:0").endpoint().toString();

      EndpointException failure = (EndpointException) link.failureToListen(endpoint);

      assertThat(failure.code()).isEqualTo(StatusCode.ALREADY_EXISTS);
      assertThat(failure).hasMessageContaining("stop what listens there, or choose another port");
    }
  }

  @Test
  void aListenerOfWssNeedsAnIdentity() {
    try (Link link = new Link()) {
      EndpointException failure = (EndpointException) link.failureToListen("wss://127.0.0.1:0");

      assertThat(failure.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
      assertThat(failure)
          .hasMessageContaining("TLS needs a certificate and its key")
          .hasMessageContaining("ws://");
    }
  }
}
