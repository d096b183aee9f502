package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** What the system says of networks, and what to do about it. */
final class NetworkFailuresTest {

  private static final Endpoint ENDPOINT = Endpoint.parse("x://a:1");

  @Test
  void aPortInUseIsToldFromOthers() throws IOException {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket()) {
      IOException refused = null;
      try {
        second.bind(first.getLocalSocketAddress());
      } catch (IOException e) {
        refused = e;
      }

      EndpointException told =
          NetworkFailures.cannotListen(ENDPOINT, new IllegalStateException("not bound", refused));

      assertThat(told.code()).isEqualTo(StatusCode.ALREADY_EXISTS);
      assertThat(told)
          .hasMessageContaining("cannot listen on x://a:1")
          .hasMessageContaining("stop");
    }
  }

  @Test
  void anAddressOfAnotherHostIsToldFromOthers() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      IOException refused = null;
      try {
        socket.bind(new InetSocketAddress("192.0.2.1", 0)); // RFC 5737: nobody's.
      } catch (IOException e) {
        refused = e;
      }

      EndpointException told =
          NetworkFailures.cannotListen(
              ENDPOINT, java.util.Objects.requireNonNull(refused, "the system refused it"));

      assertThat(told.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
      assertThat(told).hasMessageContaining("must be one of this host's");
    }
  }

  @Test
  void aPortOfTheSystemIsToldFromOthers() {
    assertThat(
            NetworkFailures.cannotListen(ENDPOINT, new BindException("Permission denied")).code())
        .isEqualTo(StatusCode.PERMISSION_DENIED);
  }

  @Test
  void aConnectNamesItsRemedy() {
    assertThat(NetworkFailures.cannotConnect(ENDPOINT, "Connection refused", null))
        .hasMessage(
            "cannot connect to x://a:1: Connection refused; start the service there, or check host"
                + " and port");
    assertThat(NetworkFailures.cannotConnect(ENDPOINT, "Cannot assign requested address", null))
        .hasMessageContaining("how many connections are open");
  }
}
