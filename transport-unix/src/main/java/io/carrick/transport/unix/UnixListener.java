package io.carrick.transport.unix;

import io.carrick.spi.Acceptor;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.unix.Channels;
import io.carrick.unix.PeerCredentials;
import io.carrick.unix.SocketFile;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A bound socket, whose connections are spread over the loops. It looks after its file: one that
 * somebody deleted is made again.
 */
final class UnixListener implements Listener, EventLoop.Ready {

  private static final System.Logger LOG = System.getLogger(UnixListener.class.getName());

  /** What one turn accepts before connections get theirs. */
  private static final int ACCEPTS = 64;

  /** The wait after the system had no file descriptor left: without it the loop would spin. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  /** So long nothing may fail before it says that it works again. */
  private static final Duration CALM = Duration.ofSeconds(1);

  /** How often it looks whether its file is there. */
  private static final Duration WATCH = Duration.ofSeconds(5);

  private final UnixTransport transport;
  private final EventLoop loop;
  private final Endpoint endpoint;
  private final Acceptor acceptor;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Object lock = new Object();
  private SocketFile file; // By lock.

  // Touched only on the loop.
  private @Nullable SelectionKey key;
  private Duration pause = Duration.ZERO; // While it cannot accept.
  private long failedNanos;
  private boolean lost;
  private boolean watching;

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
    accept(file());
    keepWatching();
  }

  private void accept(SocketFile from) throws IOException {
    from.channel().configureBlocking(false);
    loop.register(from.channel(), SelectionKey.OP_ACCEPT, this);
  }

  @Override
  public void registered(SelectionKey other) {
    key = other;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      file().close();
      transport.forget(this);
      // A registered socket goes on accepting until the next select.
      loop.execute(() -> {});
    }
  }

  @Override
  public void ready(int operations) {
    keepWatching(); // There may have been no memory for that.
    Channels.requireMemory();
    for (int i = 0; i < ACCEPTS && !closed.get(); i++) {
      try {
        SocketChannel channel = file().channel().accept();
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

  @Override
  public void failed(Throwable cause) {
    try {
      pause(cause);
    } catch (RuntimeException | Error e) {
      EventLoop.said(System.Logger.Level.ERROR, "A listener cannot pause, and goes on", e);
    }
  }

  @Override
  public void missed() {}

  private SocketFile file() {
    synchronized (lock) {
      return file;
    }
  }

  private void pause(Throwable cause) {
    SelectionKey paused = key;
    if (closed.get() || paused == null || !paused.isValid()) {
      return;
    }
    boolean first = pause.isZero();
    Duration next = first ? FIRST_PAUSE : pause.multipliedBy(2);
    next = next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    failedNanos = System.nanoTime();
    // Its end comes first: where there is no memory for that there is no pause.
    loop.schedule(next, this::goOn);
    paused.interestOps(0);
    if (first) {
      loop.schedule(CALM, this::look);
    }
    pause = next;
    if (first) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Cannot accept on {0}, trying again until it works: {1}; look at the limit of open files",
          endpoint,
          cause);
    }
  }

  private void goOn() {
    SelectionKey now = key;
    if (now != null && now.isValid()) {
      now.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  /** It works again if nothing failed for a while. */
  private void look() {
    if (closed.get()) {
      return;
    }
    if (System.nanoTime() - failedNanos < CALM.toNanos()) {
      loop.schedule(CALM, this::look);
    } else {
      pause = Duration.ZERO;
      LOG.log(System.Logger.Level.WARNING, "{0} accepts connections again", endpoint);
    }
  }

  private void keepWatching() {
    if (!watching) {
      loop.schedule(WATCH, this::watch);
      watching = true;
    }
  }

  /** Keeps the file young, and makes it again where it is gone; on the loop. */
  private void watch() {
    watching = false;
    if (closed.get()) {
      return;
    }
    keepWatching();
    SocketFile now = file();
    if (now.isInPlace()) {
      now.keepYoung();
      return;
    }
    if (!lost) {
      lost = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "The socket of {0} or its lock was deleted or replaced, listening again; a directory of"
              + " the service alone is safe from that",
          endpoint);
    }
    try {
      now.close();
      listenAgain();
    } catch (IOException | RuntimeException | Error e) {
      LOG.log(System.Logger.Level.DEBUG, "Cannot listen again on " + endpoint, e);
    }
  }

  private void listenAgain() throws IOException {
    SocketFile fresh = SocketFile.bind(endpoint);
    synchronized (lock) {
      file = fresh;
    }
    if (closed.get()) {
      fresh.close();
      return;
    }
    accept(fresh);
    lost = false;
    LOG.log(System.Logger.Level.WARNING, "Listening on {0} again", endpoint);
  }

  private void take(SocketChannel channel) {
    boolean taken = false;
    try {
      EventLoop target = transport.nextLoop();
      target.execute(() -> accept(channel, target));
      taken = true;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "No loop for a connection of " + endpoint, e);
    } finally {
      if (!taken) {
        Channels.close(channel);
      }
    }
  }

  private void accept(SocketChannel channel, EventLoop target) {
    UnixConnection connection = null;
    try {
      connection =
          transport.adopt(
              channel,
              target,
              PeerCredentials.peerInfo(endpoint.toString(), PeerCredentials.userOf(channel)));
      connection.askFor(transport.peers());
      acceptor.accept(connection);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "A connection to " + endpoint + " ended at once", e);
      Channels.close(channel);
    } catch (RuntimeException | Error e) {
      if (connection == null) {
        Channels.close(channel);
      } else {
        connection.failed("the acceptor failed: ", e);
      }
      LOG.log(System.Logger.Level.WARNING, "The acceptor of " + endpoint + " failed", e);
    }
  }
}
