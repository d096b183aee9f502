package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class UnixConnectTest {

  @TempDir Path directory;
  private final Unix unix = new Unix();

  @AfterEach
  void close() {
    unix.close();
  }

  @Test
  void theKernelSaysWhoThePeerIsOnBothSides() throws InterruptedException {
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);

    PeerInfo server = unix.connect(socket).peer();
    PeerInfo client = unix.nextAccepted().peer();

    PeerInfo expected =
        PeerInfo.of("unix:" + socket)
            .withPrincipal(new Principal("unix", System.getProperty("user.name")))
            .withSecurity(SecurityLevel.MUTUAL)
            .withSameHost(true);
    assertThat(server).isEqualTo(expected);
    assertThat(client).isEqualTo(expected);
  }

  @Test
  void bothSpellingsOfAPathMeanTheSame() {
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);

    Endpoint long1 = Endpoint.parse("unix://" + socket);

    assertThat(Await.result(unix.transport.connect(long1)).peer().sameHost()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unix:relative",
        "unix:relative/path",
        "unix://host/path",
        "unix:/path?query",
        "unix:/path#fragment",
        "unix:/directory/",
        "unix:/",
        "unix:/nul%00",
      })
  void anEndpointThatIsNoAbsolutePathIsRefused(String text) {
    Endpoint endpoint = Endpoint.parse(text);

    assertThatThrownBy(
            () -> new UnixTransportProvider().capabilities(endpoint, TransportConfig.of("test")))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining(text)
        .hasMessageContaining("write unix:/path");
    assertThat(Await.failure(unix.transport.connect(endpoint), Await.LONG_ENOUGH))
        .isInstanceOf(EndpointException.class);
    assertThat(
            Await.failure(
                unix.transport.listen(endpoint, ListenContext.of(c -> {}, new NoCalls())),
                Await.LONG_ENOUGH))
        .isInstanceOf(EndpointException.class);
  }

  @Test
  void aMissingFileIsNamedWithTheRemedy() {
    assertUnavailable(directory.resolve("none"), "start the service or check the path");
  }

  @Test
  void aSocketWhereNobodyListensIsNamedWithTheRemedy() throws IOException {
    Path socket = directory.resolve("x.sock");
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(socket));
    dead.close();

    assertUnavailable(socket, "start the service or check the path");
  }

  @Test
  void aFileThatIsNoSocketIsNamed() throws IOException {
    assertUnavailable(Files.createFile(directory.resolve("file")), "nobody listens");
  }

  @Test
  void aServiceThatAcceptsNothingFailsTheConnectInTime() throws IOException {
    Path socket = directory.resolve("x.sock");
    List<SocketChannel> waiting = new ArrayList<>();
    try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      busy.bind(UnixDomainSocketAddress.of(socket), 1);
      waiting.add(Unix.raw(socket));
      waiting.add(Unix.raw(socket));

      assertUnavailable(socket, "accepts no connection within 500 ms");

      CompletableFuture<Connection> later =
          unix.transport.connect(Unix.endpoint(socket)).toCompletableFuture();
      busy.accept().close();
      assertThat(Await.result(later).peer().sameHost()).isTrue();
    } finally {
      for (SocketChannel channel : waiting) {
        channel.close();
      }
    }
  }

  @Test
  void aConnectThatWaitsEndsWithItsTransport() throws IOException {
    Path socket = directory.resolve("x.sock");
    try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      busy.bind(UnixDomainSocketAddress.of(socket), 1);
      SocketChannel first = Unix.raw(socket);
      SocketChannel second = Unix.raw(socket);
      CompletableFuture<Connection> waiting =
          unix.transport.connect(Unix.endpoint(socket)).toCompletableFuture();

      unix.close();

      assertThat(Await.failure(waiting, Await.LONG_ENOUGH)).hasMessageContaining("is closed");
      first.close();
      second.close();
    }
  }

  @Test
  void aServerThatDoesNotOwnItsSocketIsNotTrusted() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can give files away");
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);
    Files.setOwner(
        socket,
        socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));

    Throwable failure = unix.connectFailure(socket);

    assertThat(failure)
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("user root serves a socket that user nobody owns");
    assertThat(((EndpointException) failure).code()).isEqualTo(StatusCode.PERMISSION_DENIED);
  }

  @Test
  void anIdleConnectionTakesLessThan8KiB() throws InterruptedException {
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);
    List<Connection> open = new ArrayList<>();
    use(open, socket, 50);
    long before = heldBytes();

    use(open, socket, 500);

    assertThat((heldBytes() - before) / 500).isLessThan(8 * 1024);
    assertThat(open).hasSize(1_100);
  }

  private void use(List<Connection> open, Path socket, int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      Connection client = unix.connect(socket);
      client.receive(new RecordingReceiver());
      Connection server = unix.nextAccepted();
      RecordingReceiver receiver = new RecordingReceiver();
      server.receive(receiver);
      client.send(ByteBuffer.allocate(20_000));
      client.flush();
      assertThat(receiver.nextFrame()).hasSize(20_000);
      open.add(client);
      open.add(server);
    }
  }

  private static long heldBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }

  private void assertUnavailable(Path path, String why) {
    assertThat(unix.connectFailure(path))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("unix:" + path)
        .hasMessageContaining(why);
  }
}
