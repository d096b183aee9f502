package io.carrick.transport.unix;

import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.unix.Channels;
import io.carrick.unix.PeerCredentials;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Makes one connection, on its loop, again and again while the listener's queue is full. */
final class Dialer implements Runnable {

  private static final Duration PAUSE = Duration.ofMillis(5);

  private final UnixTransport transport;
  private final EventLoop loop;
  private final Endpoint endpoint;
  private final Path path;
  private final TransportConfig config;
  private final CompletableFuture<Connection> result;
  private final long startNanos = System.nanoTime();

  Dialer(
      UnixTransport transport,
      EventLoop loop,
      Endpoint endpoint,
      Path path,
      TransportConfig config,
      CompletableFuture<Connection> result) {
    this.transport = transport;
    this.loop = loop;
    this.endpoint = endpoint;
    this.path = path;
    this.config = config;
    this.result = result;
  }

  @Override
  public void run() {
    if (result.isDone()) {
      return; // Cancelled.
    }
    try {
      transport.requireOpen();
      connect(Files.getOwner(path));
    } catch (NoSuchFileException e) {
      fail("there is no such file; start the service or check the path", e);
    } catch (AccessDeniedException e) {
      fail("permission denied; run as the user who owns it", e);
    } catch (ConnectException e) {
      fail("nobody listens there any more; start the service or check the path", e);
    } catch (SocketException e) {
      retry(e);
    } catch (IOException e) {
      fail(e.toString(), e);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e); // Refused, or whatever else: nobody else would tell.
    }
  }

  private void connect(UserPrincipal owner) throws IOException {
    Channels.requireMemory();
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    boolean taken = false;
    try {
      channel.configureBlocking(false);
      channel.connect(UnixDomainSocketAddress.of(path));
      UserPrincipal server = PeerCredentials.userOf(channel);
      PeerCredentials.requireOwner(endpoint, server, owner);
      Connection connection =
          transport.adopt(channel, loop, PeerCredentials.peerInfo(endpoint.toString(), server));
      taken = true;
      if (!result.complete(connection)) {
        connection.close(io.carrick.spi.CloseReason.local("the connect was cancelled"));
      }
    } finally {
      if (!taken) {
        Channels.close(channel);
      }
    }
  }

  private void retry(SocketException cause) {
    if (!Files.isWritable(path)) {
      fail("permission denied; run as the user who owns it", cause);
    } else if (System.nanoTime() - startNanos > config.connectTimeout().toNanos()) {
      fail(
          "it accepts no connection within "
              + config.connectTimeout().toMillis()
              + " ms ("
              + cause.getMessage()
              + "); look at what the service does, or raise the connect time-out",
          cause);
    } else {
      loop.schedule(PAUSE, this);
    }
  }

  private void fail(String why, IOException cause) {
    result.completeExceptionally(
        new io.carrick.ConnectException("cannot connect to " + endpoint + ": " + why, cause));
  }
}
