package io.carrick.transport.http2;

import io.carrick.EndpointException;
import io.carrick.edge.http.HttpEdge;
import io.carrick.edge.http.socket.JsonSockets;
import io.carrick.netty.HttpEndpoint;
import io.carrick.netty.HttpPorts;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.tls.TlsContexts;
import io.carrick.transport.support.NetworkFailures;
import io.carrick.transport.support.TransportLifecycle;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Connects by OkHttp and listens by Netty. */
final class Http2Transport implements Transport {

  private static final System.Logger LOG = System.getLogger(Http2Transport.class.getName());

  private static final int TOLD_MILLIS = 500;

  private final TransportConfig config;
  private final TransportLifecycle open;
  private final HttpPorts ports;
  private final SessionThreads threads;
  private final TlsContexts tls;

  // One for each listener, and for each that is closed and has open calls.
  private final Set<HttpEdge> edges = ConcurrentHashMap.newKeySet();

  Http2Transport(TransportConfig config) {
    String name = "carrick-http2-" + config.name();
    this.config = config;
    this.open = new TransportLifecycle(name, config.connectTimeout());
    this.ports = HttpPorts.of(config);
    this.threads = new SessionThreads(name);
    this.tls = new TlsContexts(config.tls());
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    return open.connect(endpoint, attempt -> dial(endpoint, attempt));
  }

  private void dial(Endpoint endpoint, CompletableFuture<Connection> attempt) {
    Http2Address address = Http2Address.of(endpoint);
    ports
        .loops()
        .names()
        .resolve(address.peer().host())
        .whenComplete(
            (addresses, failure) -> {
              if (addresses == null) {
                attempt.completeExceptionally(NetworkFailures.unresolved(endpoint, failure));
              } else if (!attempt.isDone()) {
                Dialer.start(
                    new Dialer.Target(endpoint, address, addresses, config.connectTimeout()),
                    tls,
                    open,
                    threads,
                    attempt);
              }
            });
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    try {
      ListenOptions options = ListenOptions.of(endpoint);
      Http2Address address = Http2Address.of(options.endpoint());
      HttpEdge edge = new HttpEdge(context.calls(), options.origins(), config.maxMessageBytes());
      return open.listen(
          endpoint,
          threads,
          () -> {
            HttpEndpoint port =
                ports.listen(
                    options.endpoint(),
                    address.peer(),
                    address.tls(),
                    List.of(
                        new SessionTaker(open, context.acceptor()), new JsonSockets(edge), edge));
            edges.removeIf(HttpEdge::isOver);
            edges.add(edge);
            return new Http2Listener(open, port, edge);
          });
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() {
    open.close(ports.onThread() || threads.isOwn(), this::endThreads);
  }

  private void endThreads() {
    CompletableFuture<?> told =
        CompletableFuture.allOf(
            edges.stream().map(HttpEdge::end).toArray(CompletableFuture[]::new));
    try {
      told.get(TOLD_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.DEBUG, "not all callers were told that their service ends", e);
    }
    ports.close();
    threads.close();
  }
}
