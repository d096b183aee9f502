package io.carrick.transport.unix;

import io.carrick.PeerLimits;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A transport for a test, with what it accepts. */
final class Unix implements AutoCloseable {

  final Transport transport;
  private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

  Unix() {
    this(PeerLimits.DEFAULT);
  }

  Unix(PeerLimits limits) {
    transport =
        new UnixTransportProvider()
            .create(
                TransportConfig.of("test")
                    .withConnectTimeout(Duration.ofMillis(500))
                    .withPeers(limits));
  }

  Listener listen(Path path) {
    return Await.result(
        transport.listen(endpoint(path), ListenContext.of(accepted::add, new NoCalls())));
  }

  Throwable listenFailure(Path path) {
    return Await.failure(
        transport.listen(endpoint(path), ListenContext.of(accepted::add, new NoCalls())),
        Await.LONG_ENOUGH);
  }

  Connection connect(Path path) {
    return Await.result(transport.connect(endpoint(path)));
  }

  Throwable connectFailure(Path path) {
    return Await.failure(transport.connect(endpoint(path)), Await.LONG_ENOUGH);
  }

  /** What the next accepted connection receives. */
  RecordingReceiver nextReceiver() throws InterruptedException {
    RecordingReceiver receiver = new RecordingReceiver();
    nextAccepted().receive(receiver);
    return receiver;
  }

  Connection nextAccepted() throws InterruptedException {
    Connection connection = accepted.poll(10, TimeUnit.SECONDS);
    if (connection == null) {
      throw new AssertionError("no connection was accepted");
    }
    return connection;
  }

  @Override
  public void close() {
    transport.close();
  }

  static Endpoint endpoint(Path path) {
    return Endpoint.parse("unix:" + path);
  }

  /** A client that is free to say anything. */
  static SocketChannel raw(Path path) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  static String modeOf(Path path) {
    try {
      return PosixFilePermissions.toString(
          Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
