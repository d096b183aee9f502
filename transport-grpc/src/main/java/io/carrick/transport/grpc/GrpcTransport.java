package io.carrick.transport.grpc;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.EndpointOptions;
import io.carrick.transport.support.QueuedConnection;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Connects over gRPC. Its loops start with the first use. */
final class GrpcTransport implements Transport {

  static final String CLOSED = "its transport is closed; create another one";

  /** The service describes itself to whoever asks; off by default. */
  private static final String REFLECTION = "reflection";

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

  private final TransportConfig config;
  private final NettyTls tls;
  private final Object lock = new Object();
  private final Set<GrpcListener> listeners = new HashSet<>(); // This and the rest: by lock.
  private final Set<Dialer> dialers = new HashSet<>();
  private final Set<QueuedConnection> tunnels = new HashSet<>();
  private @Nullable Loops loops;
  private int binding;
  private boolean closed;

  GrpcTransport(TransportConfig config) {
    this.config = config;
    this.tls = new NettyTls(config.tls());
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    CompletableFuture<Connection> result = new CompletableFuture<>();
    try {
      GrpcAddress address = GrpcAddress.of(endpoint);
      Loops running = loops();
      if (running == null) {
        throw new ConnectException("cannot connect to " + endpoint + ": " + CLOSED, null);
      }
      EventLoop loop = running.group().next();
      Dialer dialer =
          new Dialer(
              this,
              loop,
              endpoint,
              address,
              config,
              Outbound.to(endpoint, address, loop, running, config, tls),
              result);
      if (adopt(dialer)) {
        dialer.start();
      } else {
        dialer.cut();
        throw new ConnectException("cannot connect to " + endpoint + ": " + CLOSED, null);
      }
    } catch (EndpointException | ConnectException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    try {
      EndpointOptions options = EndpointOptions.of(endpoint, REFLECTION);
      GrpcAddress address = GrpcAddress.of(options.endpoint());
      Loops running = loops();
      if (running == null) {
        throw closedOn(endpoint);
      }
      GrpcEdge edge =
          new GrpcEdge(context.calls(), options.isOn(REFLECTION), config.maxMessageBytes());
      Binder binder =
          new Binder(
              this, running, options.endpoint(), context.acceptor(), edge, tls, config.peers());
      return bind(binder, address);
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** On a daemon thread of its own: binding blocks, and those of the JDK may keep it alive. */
  private CompletionStage<Listener> bind(Binder binder, GrpcAddress address) {
    synchronized (lock) {
      binding++;
    }
    CompletableFuture<Listener> bound = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            bound.complete(adopt(binder.bind(address)));
          } catch (Throwable e) {
            bound.completeExceptionally(e);
          } finally {
            boundOrNot();
          }
        };
    Thread thread = new Thread(task, "carrick-grpc-listen-" + config.name());
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (Throwable e) {
      boundOrNot();
      bound.completeExceptionally(e);
    }
    return bound;
  }

  private void boundOrNot() {
    synchronized (lock) {
      binding--;
      lock.notifyAll();
    }
  }

  @Override
  public void close() {
    Loops ending;
    synchronized (lock) {
      boolean again = closed;
      closed = true;
      ending = loops;
      if (again || ending == null) {
        return;
      }
    }
    if (ending.onThread()) {
      // Loops cannot wait for their own end.
      Thread closer = new Thread(() -> end(ending), "carrick-grpc-close-" + config.name());
      closer.setDaemon(true);
      closer.start();
    } else {
      end(ending);
    }
  }

  /** Takes a connection into its care; false if it is closed. */
  boolean adopt(QueuedConnection tunnel) {
    synchronized (lock) {
      return !closed && tunnels.add(tunnel);
    }
  }

  /** The call of a connection is over. */
  void forget(QueuedConnection tunnel) {
    synchronized (lock) {
      tunnels.remove(tunnel);
      lock.notifyAll();
    }
  }

  void forget(Dialer dialer) {
    synchronized (lock) {
      dialers.remove(dialer);
      lock.notifyAll();
    }
  }

  private void end(Loops ending) {
    List<GrpcListener> listening;
    List<Dialer> dialing;
    List<QueuedConnection> open;
    awaitBinding();
    synchronized (lock) {
      listening = List.copyOf(listeners);
      dialing = List.copyOf(dialers);
      open = List.copyOf(tunnels);
    }
    listening.forEach(GrpcListener::close);
    open.forEach(t -> t.close(CloseReason.local("the transport was closed")));
    dialing.forEach(Dialer::giveUp);
    try {
      awaitCalls();
      listening.forEach(GrpcListener::cut);
      dialing.forEach(Dialer::cut);
      for (GrpcListener listener : listening) {
        listener.awaitEnd(CLOSE_WAIT);
      }
      ending.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is bound while the loops end could not be closed any more. */
  private void awaitBinding() {
    long end = System.nanoTime() + CLOSE_WAIT.toNanos();
    synchronized (lock) {
      try {
        for (long millis; binding > 0 && (millis = (end - System.nanoTime()) / 1_000_000) > 0; ) {
          lock.wait(millis);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void awaitCalls() throws InterruptedException {
    long end = System.nanoTime() + CLOSE_WAIT.toNanos();
    synchronized (lock) {
      while (!tunnels.isEmpty() || !dialers.isEmpty()) {
        long millis = (end - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return;
        }
        lock.wait(millis);
      }
    }
  }

  private GrpcListener adopt(GrpcListener listener) {
    boolean taken;
    synchronized (lock) {
      listeners.removeIf(GrpcListener::isOver);
      taken = !closed && listeners.add(listener);
    }
    if (!taken) {
      listener.close();
      listener.cut();
      throw closedOn(listener.endpoint());
    }
    return listener;
  }

  private boolean adopt(Dialer dialer) {
    synchronized (lock) {
      return !closed && dialers.add(dialer);
    }
  }

  /** The loops; the first call starts them. Null if the transport is closed. */
  private @Nullable Loops loops() {
    synchronized (lock) {
      if (closed) {
        return null;
      }
      if (loops == null) {
        loops = new Loops("carrick-grpc-" + config.name());
      }
      return loops;
    }
  }

  private static EndpointException closedOn(Endpoint endpoint) {
    return new EndpointException(
        StatusCode.FAILED_PRECONDITION, "cannot listen on " + endpoint + ": " + CLOSED, null);
  }
}
