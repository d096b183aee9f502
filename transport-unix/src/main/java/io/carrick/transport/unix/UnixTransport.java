package io.carrick.transport.unix;

import io.carrick.EndpointException;
import io.carrick.PeerLimits;
import io.carrick.StatusCode;
import io.carrick.spi.Acceptor;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.unix.SocketFile;
import io.carrick.unix.UnixAddress;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Connects over Unix domain sockets. Its loops start with the first use. */
final class UnixTransport implements Transport {

  private static final System.Logger LOG = System.getLogger(UnixTransport.class.getName());

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
  private static final int MAX_LOOPS = 4;

  private final TransportConfig config;
  private final ChunkPool chunks = new ChunkPool();
  private final Set<UnixListener> listeners = ConcurrentHashMap.newKeySet();
  private final Set<UnixConnection> connections = ConcurrentHashMap.newKeySet();

  private final Object lock = new Object();
  private final List<EventLoop> loops = new ArrayList<>(); // This and the next two: by lock.
  private int turn;
  private boolean closed;

  UnixTransport(TransportConfig config) {
    this.config = config;
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    CompletableFuture<Connection> result = new CompletableFuture<>();
    try {
      EventLoop loop = nextLoop();
      Dialer dialer =
          new Dialer(this, loop, endpoint, UnixAddress.pathOf(endpoint), config, result);
      loop.execute(dialer);
    } catch (EndpointException e) {
      result.completeExceptionally(e);
    } catch (IOException e) {
      result.completeExceptionally(
          new io.carrick.ConnectException("cannot connect to " + endpoint + ": " + e, e));
    }
    return result;
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    CompletableFuture<Listener> result = new CompletableFuture<>();
    try {
      EventLoop loop = nextLoop();
      loop.execute(() -> bind(endpoint, context.acceptor(), loop, result));
    } catch (IOException e) {
      result.completeExceptionally(
          SocketFile.refused(StatusCode.FAILED_PRECONDITION, endpoint, e.toString(), e));
    }
    return result;
  }

  @Override
  public void close() {
    List<EventLoop> ending;
    synchronized (lock) {
      closed = true;
      ending = List.copyOf(loops);
    }
    listeners.forEach(UnixListener::close);
    connections.forEach(c -> c.close(CloseReason.local("the transport was closed")));
    ending.forEach(EventLoop::stop);
    if (ending.stream().noneMatch(EventLoop::onThread)) {
      awaitEnd(ending);
    }
  }

  /** The loop whose turn it is; the first call starts it. */
  EventLoop nextLoop() throws IOException {
    synchronized (lock) {
      requireOpen();
      int most = Math.min(MAX_LOOPS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
      if (loops.size() < most) {
        EventLoop more = startLoop();
        if (more != null) {
          loops.add(more);
          return more;
        }
      }
      turn = (turn + 1) % loops.size();
      return loops.get(turn);
    }
  }

  /** Null where the system gives nothing for one more, and there is another; the lock is held. */
  private @Nullable EventLoop startLoop() throws IOException {
    try {
      EventLoop loop = new EventLoop("carrick-unix-" + config.name() + "-" + loops.size());
      loop.start();
      return loop;
    } catch (IOException e) {
      if (loops.isEmpty()) {
        throw e;
      }
      LOG.log(System.Logger.Level.DEBUG, "No loop more for now", e);
      return null;
    }
  }

  PeerLimits peers() {
    return config.peers();
  }

  boolean isOpen() {
    synchronized (lock) {
      return !closed;
    }
  }

  void requireOpen() throws IOException {
    if (!isOpen()) {
      throw new IOException("its transport is closed; create another one");
    }
  }

  /** Makes a connection of a channel, on its loop. */
  UnixConnection adopt(SocketChannel channel, EventLoop loop, PeerInfo peer) throws IOException {
    channel.configureBlocking(false);
    UnixConnection connection = new UnixConnection(this, loop, channel, peer, chunks);
    connection.register();
    synchronized (lock) {
      requireOpen();
      connections.add(connection);
    }
    return connection;
  }

  void forget(UnixConnection connection) {
    connections.remove(connection);
  }

  void forget(UnixListener listener) {
    listeners.remove(listener);
  }

  private void bind(
      Endpoint endpoint, Acceptor acceptor, EventLoop loop, CompletableFuture<Listener> result) {
    if (result.isDone()) {
      return;
    }
    try {
      SocketFile file = SocketFile.bind(endpoint);
      UnixListener listener = new UnixListener(this, loop, endpoint, acceptor, file);
      if (adopt(listener) && result.complete(listener)) {
        return;
      }
      listener.close();
      result.completeExceptionally(
          SocketFile.refused(
              StatusCode.FAILED_PRECONDITION, endpoint, "its transport is closed", null));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  private boolean adopt(UnixListener listener) {
    synchronized (lock) {
      if (closed) {
        return false;
      }
      listeners.add(listener);
    }
    try {
      listener.register();
      return true;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Cannot wait for " + listener.endpoint(), e);
      return false;
    }
  }

  private static void awaitEnd(List<EventLoop> ending) {
    long end = System.nanoTime() + CLOSE_WAIT.toNanos();
    try {
      for (EventLoop loop : ending) {
        loop.awaitEnd(Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
