package io.carrick.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Listens on a Unix socket and lets a script speak with each peer in turn, on its own thread. */
final class RawListener implements AutoCloseable {

  private final ServerSocketChannel listener;
  private final Path path;
  private final Thread thread;
  private volatile RawPeer present;

  RawListener(Path path, Consumer<RawPeer> script) {
    this.path = path;
    try {
      this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.thread = new Thread(() -> run(script), "raw-listener");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Consumer<RawPeer> script) {
    while (listener.isOpen()) {
      try (SocketChannel channel = listener.accept();
          RawPeer peer = new RawPeer(channel)) {
        present = peer;
        script.accept(peer);
        peer.awaitClose();
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | AssertionError | ClosedSelectorException e) {
        System.getLogger("test").log(System.Logger.Level.DEBUG, "a raw peer ended", e);
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      RawPeer peer = present;
      if (peer != null) {
        peer.close();
      }
      thread.join(11_000);
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
