package io.carrick.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between the caller and a socket of the service, so that the demo can cut the cable. */
final class Relay implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 << 10;

  private final SocketAddress service;
  private final ServerSocketChannel server;
  private final String endpoint;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  private Relay(SocketAddress service, ServerSocketChannel server, String endpoint) {
    this.service = service;
    this.server = server;
    this.endpoint = endpoint;
  }

  /** A relay to a Unix socket or a loopback port; its own endpoint has the same scheme. */
  static Relay to(String target) {
    URI uri = URI.create(target);
    try {
      return "unix".equals(uri.getScheme()) ? unix(Path.of(uri.getPath())) : tcp(uri);
    } catch (IOException e) {
      throw new UncheckedIOException("no relay to " + target, e);
    }
  }

  private static Relay unix(Path socket) throws IOException {
    Path directory = Files.createTempDirectory("carrick");
    Path here = directory.resolve("relay.sock");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(here));
    directory.toFile().deleteOnExit();
    here.toFile().deleteOnExit();
    return new Relay(UnixDomainSocketAddress.of(socket), server, "unix:" + here).started();
  }

  private static Relay tcp(URI uri) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(loopback, 0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    return new Relay(
            new InetSocketAddress(loopback, uri.getPort()),
            server,
            uri.getScheme() + "://" + loopback.getHostAddress() + ":" + port)
        .started();
  }

  private Relay started() {
    start("carrick-demo-relay", this::accept);
    return this;
  }

  String endpoint() {
    return endpoint;
  }

  /** Closes every connection that goes through it now. */
  void cut() {
    open.forEach(Relay::closeQuietly);
    open.clear();
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel caller = server.accept();
        SocketChannel target = SocketChannel.open(service);
        open.add(caller);
        open.add(target);
        start("carrick-demo-relay-there", () -> copy(caller, target));
        start("carrick-demo-relay-back", () -> copy(target, caller));
      } catch (IOException e) {
        // The relay was closed, or the service does not answer: the caller sees a closed socket.
        cut();
      }
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try {
      while (from.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
      }
    } catch (IOException e) {
      // Cut: both ends are closed below.
      open.remove(from);
    } finally {
      open.remove(from);
      open.remove(to);
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger("io.carrick.cli").log(System.Logger.Level.DEBUG, "not closed", e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      System.getLogger("io.carrick.cli").log(System.Logger.Level.DEBUG, "not closed", e);
    }
    cut();
  }
}
