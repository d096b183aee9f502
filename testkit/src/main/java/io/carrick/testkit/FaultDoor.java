package io.carrick.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** The listening socket of a proxy, which closes and opens again at one address. */
final class FaultDoor {

  /** Takes a connection that was accepted. */
  interface Guest {
    void enter(SocketChannel channel) throws IOException;
  }

  private static final System.Logger LOG = System.getLogger(FaultDoor.class.getName());
  private static final int BACKLOG = 1_024;

  private final Guest guest;
  private final FaultThreads threads;
  private SocketAddress address; // Guarded by this, as is the listener.
  private @Nullable ServerSocketChannel listener;
  private @Nullable Thread accepts;

  FaultDoor(SocketAddress address, Guest guest, FaultThreads threads) {
    this.address = address;
    this.guest = guest;
    this.threads = threads;
  }

  synchronized SocketAddress address() {
    return address;
  }

  synchronized void open() {
    if (listener != null) {
      return;
    }
    ServerSocketChannel opened = bind();
    listener = opened;
    accepts = threads.start("accepts", () -> acceptAll(opened));
  }

  synchronized void close() {
    if (listener == null) {
      return;
    }
    try {
      listener.close();
      listener = null;
      // The kernel listens until the last thread has left accept.
      FaultThreads.join(accepts);
      if (address instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop listening on " + address, e);
    }
  }

  private ServerSocketChannel bind() {
    try {
      ServerSocketChannel opened =
          address instanceof UnixDomainSocketAddress
              ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
              : ServerSocketChannel.open().setOption(StandardSocketOptions.SO_REUSEADDR, true);
      opened.bind(address, BACKLOG);
      address = opened.getLocalAddress();
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + address + ": is it in use?", e);
    }
  }

  private void acceptAll(ServerSocketChannel from) {
    try {
      while (true) {
        guest.enter(from.accept());
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "no longer listening", e);
    }
  }
}
