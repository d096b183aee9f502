package io.carrick.transport.unix;

import io.carrick.spi.Acceptor;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.unix.Channels;
import io.carrick.unix.PeerCredentials;
import io.carrick.unix.SocketFile;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A bound socket, whose connections are spread over the loops. */
final class UnixListener implements Listener, EventLoop.Ready {

  private static final System.Logger LOG = System.getLogger(UnixListener.class.getName());

  /** What one turn accepts before connections get theirs. */
  private static final int ACCEPTS = 64;

  /** The wait after the system had no file descriptor left: without it the loop would spin. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final UnixTransport transport;
  private final EventLoop loop;
  private final Endpoint endpoint;
  private final Acceptor acceptor;
  private final SocketFile file;
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable SelectionKey key; // Touched only on the loop.

  UnixListener(
      UnixTransport transport,
      EventLoop loop,
      Endpoint endpoint,
      Acceptor acceptor,
      SocketFile file) {
    this.transport = transport;
    this.loop = loop;
    this.endpoint = endpoint;
    this.acceptor = acceptor;
    this.file = file;
  }

  /** Begins to accept; called on the loop. */
  void register() throws IOException {
    file.channel().configureBlocking(false);
    key = loop.register(file.channel(), SelectionKey.OP_ACCEPT, this);
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      file.close();
      transport.forget(this);
      // A registered socket goes on accepting until the next select.
      loop.execute(() -> {});
    }
  }

  @Override
  public void ready(int operations) {
    ServerSocketChannel server = file.channel();
    for (int i = 0; i < ACCEPTS && !closed.get(); i++) {
      try {
        SocketChannel channel = server.accept();
        if (channel == null) {
          return;
        }
        take(channel);
      } catch (IOException e) {
        pause(e);
        return;
      }
    }
  }

  private void pause(IOException cause) {
    if (closed.get()) {
      return;
    }
    LOG.log(System.Logger.Level.WARNING, "Cannot accept on " + endpoint + ", trying again", cause);
    SelectionKey paused = Objects.requireNonNull(key);
    paused.interestOps(0);
    loop.schedule(
        PAUSE,
        () -> {
          if (paused.isValid()) {
            paused.interestOps(SelectionKey.OP_ACCEPT);
          }
        });
  }

  private void take(SocketChannel channel) {
    EventLoop target;
    try {
      target = transport.nextLoop();
    } catch (IOException e) {
      LOG.log(
          transport.isOpen() ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
          "No loop for a connection of " + endpoint,
          e);
      Channels.close(channel);
      return;
    }
    target.execute(() -> accept(channel, target));
  }

  private void accept(SocketChannel channel, EventLoop target) {
    UnixConnection connection;
    try {
      connection =
          transport.adopt(
              channel,
              target,
              PeerCredentials.peerInfo(endpoint.toString(), PeerCredentials.userOf(channel)));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "A connection to " + endpoint + " ended at once", e);
      Channels.close(channel);
      return;
    }
    connection.askFor(transport.peers());
    try {
      acceptor.accept(connection);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "The acceptor of " + endpoint + " failed", e);
      connection.close(CloseReason.local("the acceptor failed: " + e));
    }
  }
}
