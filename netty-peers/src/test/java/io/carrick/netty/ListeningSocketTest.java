package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.EndpointException;
import io.carrick.PeerLimits;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import io.carrick.testkit.Await;
import io.carrick.transport.support.HostPort;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server of Netty alone behind the guards: it says back what it hears. */
@Timeout(60)
final class ListeningSocketTest {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  private final Loops loops = new Loops("test");
  private final AtomicBoolean failed = new AtomicBoolean();

  @AfterEach
  void close() throws InterruptedException {
    loops.close();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }

  private ListeningSocket tcp(PeerLimits limits) {
    return ListeningSocket.tcp(
        Endpoint.parse("x://127.0.0.1:0"), new HostPort("127.0.0.1", 0), new Guards(false, limits));
  }

  private Endpoint start(ListeningSocket socket) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(socket::channel)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accepted.pipeline().addLast(new Echo());
                  }
                })
            .bind(socket.local());
    if (!bound.awaitUninterruptibly().isSuccess()) {
      throw socket.failed((Exception) bound.cause());
    }
    return socket.bound(() -> failed.set(true));
  }

  private static Socket connect(Endpoint endpoint) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.uri().getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static byte[] begin(Socket peer) throws IOException {
    peer.getOutputStream().write(PREFACE);
    return peer.getInputStream().readNBytes(PREFACE.length);
  }

  @Test
  void whoBeginsWellIsServedAndTheAddressIsFreeAfterwards() throws Exception {
    ListeningSocket socket = tcp(PeerLimits.DEFAULT);
    Endpoint endpoint = start(socket);
    try (Socket peer = connect(endpoint)) {
      assertThat(begin(peer)).isEqualTo(PREFACE);
      Await.until("it waits to be known", () -> socket.unknown().waiting().size() == 1);
      Door door = socket.unknown().waiting().get(0);
      Loops.execute(door.loop(), door::admit);
      Await.until("it is known", () -> socket.unknown().waiting().isEmpty());
    }

    socket.closing();
    socket.channel().close();
    socket.awaitUnbound(loops);

    assertThatThrownBy(() -> connect(endpoint)).isInstanceOf(IOException.class);
    assertThat(failed).isFalse();
  }

  @Test
  void whoSaysSomethingElseIsClosed() throws Exception {
    Endpoint endpoint = start(tcp(PeerLimits.DEFAULT));
    try (Socket peer = connect(endpoint)) {
      peer.getOutputStream().write("EHLO".getBytes(StandardCharsets.US_ASCII));

      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void theOldestThatIsNotKnownGoes() throws Exception {
    Endpoint endpoint = start(tcp(PeerLimits.DEFAULT.withUnknownPeers(1)));
    try (Socket first = connect(endpoint)) {
      assertThat(begin(first)).isEqualTo(PREFACE);
      try (Socket second = connect(endpoint)) {
        assertThat(begin(second)).isEqualTo(PREFACE);

        assertThat(first.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void aPortInUseIsNamed() {
    Endpoint endpoint = start(tcp(PeerLimits.DEFAULT));
    ListeningSocket second =
        ListeningSocket.tcp(
            endpoint, HostPort.of(endpoint, "x"), new Guards(false, PeerLimits.DEFAULT));

    assertThatThrownBy(() -> start(second))
        .isInstanceOfSatisfying(
            EndpointException.class,
            e -> assertThat(e.code()).isEqualTo(StatusCode.ALREADY_EXISTS));
  }

  @Test
  void whatClosesByItselfIsTold() throws Exception {
    ListeningSocket socket = tcp(PeerLimits.DEFAULT);
    start(socket);

    socket.channel().close();

    Await.until("the failure is told", failed::get);
  }

  @Test
  void aSocketOfThisHostKnowsItsUserAndItsFilesGo() throws Exception {
    Path path = directory.resolve("n.sock");
    ListeningSocket socket =
        ListeningSocket.unix(
            Endpoint.parse("x+unix:" + path), path, new Guards(false, PeerLimits.DEFAULT));
    start(socket);
    try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(path));
      peer.write(ByteBuffer.wrap(PREFACE));
      ByteBuffer back = ByteBuffer.allocate(PREFACE.length);
      while (back.hasRemaining() && peer.read(back) >= 0) {}
      assertThat(back.array()).isEqualTo(PREFACE);
      assertThat(socket.unknown().waiting().get(0).from()).isEmpty();
    }

    socket.closing();
    socket.channel().close();
    socket.awaitUnbound(loops);

    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }
}
