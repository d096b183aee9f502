package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.TlsConfig;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.grpc.ConnectivityState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names that have more addresses than one, or none. */
@Timeout(30)
final class GrpcNamesTest {

  @Test
  void anAddressThatIsSilentLeavesTimeForTheNext() throws Exception {
    Loops loops =
        new Loops(
            "test",
            host ->
                new InetAddress[] {
                  InetAddress.getByName("127.0.0.2"), InetAddress.getLoopbackAddress()
                });
    try (Grpc grpc = new Grpc();
        ServerSocket silent = new ServerSocket()) {
      // A backlog that is full: the system answers no SYN any more.
      silent.bind(new InetSocketAddress("127.0.0.2", grpc.port()), 1);
      List<SocketChannel> full = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        SocketChannel one = SocketChannel.open();
        one.configureBlocking(false);
        one.connect(silent.getLocalSocketAddress());
        full.add(one);
      }
      Endpoint endpoint = Endpoint.parse("grpc://two:" + grpc.port());
      TransportConfig config = TransportConfig.of("test").withConnectTimeout(Duration.ofSeconds(4));

      Outbound outbound =
          Outbound.to(
              endpoint,
              GrpcAddress.of(endpoint),
              loops.group().next(),
              loops,
              config,
              new NettyTls(TlsConfig.SYSTEM));
      long start = System.nanoTime();
      Await.until(
          "it is connected", () -> outbound.grpc().getState(true) == ConnectivityState.READY);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(config.connectTimeout());
      outbound.grpc().shutdownNow();
      for (SocketChannel one : full) {
        one.close();
      }
    } finally {
      loops.close();
    }
  }

  @Test
  void whatIsNotResolvedIsNamed() {
    try (Grpc grpc = new Grpc()) {
      for (String host : List.of("no_such_name.invalid", "[fe80::1%nosuch]")) {
        assertThat(grpc.connectFailure("grpc://" + host + ":7400"))
            .isInstanceOf(ConnectException.class)
            .hasMessageContaining("the name " + host + " was not resolved")
            .hasMessageContaining("DNS of this host");
      }
    }
  }
}
