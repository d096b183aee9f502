package io.carrick.netty;

import io.carrick.EndpointException;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.HostPort;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP ports of one transport. One socket takes HTTP/1.0, HTTP/1.1 and HTTP/2, by prior
 * knowledge or by ALPN; its transports take from it what is theirs ({@link HttpTaker}). The
 * transports of one messenger have loops and sockets together: endpoints with the same host and
 * port share a socket, and each is closed by itself.
 *
 * <p>Safe for use by any thread.
 */
public final class HttpPorts implements AutoCloseable {

  // By itself: one for each messenger that has a transport with HTTP ports.
  private static final IdentityHashMap<TransportConfig, Shared> SHARED = new IdentityHashMap<>();

  private final TransportConfig config;
  private final Shared shared;
  private final Object lock = new Object();
  private final List<HttpEndpoint> endpoints = new ArrayList<>(); // This and the rest: by lock.
  private boolean closed;

  private HttpPorts(TransportConfig config, Shared shared) {
    this.config = config;
    this.shared = shared;
  }

  /**
   * Those of a new transport.
   *
   * @param config of the transport; the transports of one messenger are given the same one
   */
  public static HttpPorts of(TransportConfig config) {
    synchronized (SHARED) {
      Shared shared = SHARED.computeIfAbsent(config, Shared::new);
      shared.users++;
      return new HttpPorts(config, shared);
    }
  }

  /**
   * Listens. Blocks while a name is looked up and the socket is bound: not on a loop.
   *
   * @param endpoint {@code scheme://host:port}; with port 0 it has a socket of its own
   * @param tls as its scheme asks for
   * @param takers what it takes, asked in this order
   * @throws EndpointException if that cannot be; with {@code ALREADY_EXISTS} where the messenger
   *     listens there by the same scheme, or once with TLS and once without
   */
  public HttpEndpoint listen(
      Endpoint endpoint, HostPort address, boolean tls, List<HttpTaker> takers) {
    InetSocketAddress local = ListeningSocket.resolve(endpoint, address);
    if (isOpen()) {
      HttpEndpoint bound = shared.listen(endpoint, local, tls, takers);
      synchronized (lock) {
        if (!closed) {
          endpoints.add(bound);
          return bound;
        }
      }
      bound.close();
    }
    throw HttpSocket.cannotListen(endpoint, "its transport is closed", "create another one");
  }

  private boolean isOpen() {
    synchronized (lock) {
      return !closed;
    }
  }

  /** The loops of the connections. */
  public Loops loops() {
    return shared.loops();
  }

  /** Whether the caller is on a loop of the connections. */
  public boolean onThread() {
    return shared.onThread();
  }

  /**
   * Closes its endpoints; the last one of a messenger cuts what is open and ends the loops, and
   * waits for that, 2 s at most. Not on a loop.
   */
  @Override
  public void close() {
    List<HttpEndpoint> open;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      open = List.copyOf(endpoints);
    }
    open.forEach(HttpEndpoint::close);
    synchronized (SHARED) {
      if (--shared.users > 0) {
        return;
      }
      SHARED.remove(config);
    }
    shared.end();
  }

  /** What the transports of one messenger have together. */
  static final class Shared {

    private final TransportConfig config;
    private final NettyTls tls;
    private int users; // By SHARED.

    // By this; those of the endpoints that its transports have.
    private final Map<InetSocketAddress, CompletableFuture<HttpSocket>> sockets = new HashMap<>();
    private @Nullable Loops loops;

    Shared(TransportConfig config) {
      this.config = config;
      this.tls = new NettyTls(config.tls());
    }

    synchronized Loops loops() {
      if (loops == null) {
        loops = new Loops("carrick-http-" + config.name());
      }
      return loops;
    }

    synchronized boolean onThread() {
      return loops != null && loops.onThread();
    }

    /** Two who want the same address at the same time wait for one binding. */
    HttpEndpoint listen(
        Endpoint endpoint, InetSocketAddress local, boolean secure, List<HttpTaker> takers) {
      CompletableFuture<HttpSocket> binding = new CompletableFuture<>();
      CompletableFuture<HttpSocket> present;
      synchronized (this) {
        sockets.values().removeIf(Shared::isOver);
        present = local.getPort() == 0 ? null : sockets.putIfAbsent(local, binding);
      }
      if (present != null) {
        return bound(endpoint, present).join(endpoint, secure, takers);
      }
      try {
        HttpSocket socket =
            HttpSocket.bind(endpoint, local, config.peers(), loops(), secure ? tls : null);
        HttpEndpoint joined = socket.join(endpoint, secure, takers);
        binding.complete(socket);
        synchronized (this) {
          sockets.put(socket.local(), binding);
        }
        return joined;
      } catch (RuntimeException | Error e) {
        binding.completeExceptionally(e);
        throw e;
      }
    }

    private static boolean isOver(CompletableFuture<HttpSocket> socket) {
      return socket.isCompletedExceptionally() || (socket.isDone() && socket.join().isOver());
    }

    /** What somebody else binds. */
    private static HttpSocket bound(Endpoint endpoint, CompletableFuture<HttpSocket> binding) {
      try {
        return binding.get(2L * HttpSocket.BIND_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw HttpSocket.cannotListen(endpoint, "it was interrupted", "try again");
      } catch (ExecutionException | TimeoutException e) {
        throw HttpSocket.cannotListen(
            endpoint, "another endpoint could not listen there", "look at what became of it");
      }
    }

    void end() {
      Loops ending;
      synchronized (this) {
        ending = loops;
        sockets.values().forEach(socket -> socket.thenAccept(HttpSocket::cut));
      }
      try {
        if (ending != null) {
          ending.close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
