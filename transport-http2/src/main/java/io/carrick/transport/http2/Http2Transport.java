package io.carrick.transport.http2;

import io.carrick.EndpointException;
import io.carrick.netty.HttpPorts;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.tls.TlsContexts;
import io.carrick.transport.support.TransportLifecycle;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Connects by OkHttp and listens by Netty. */
final class Http2Transport implements Transport {

  private final TransportConfig config;
  private final TransportLifecycle open;
  private final HttpPorts ports;
  private final SessionThreads threads;
  private final TlsContexts tls;

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
                attempt.completeExceptionally(Failures.unresolved(endpoint, failure));
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
      Http2Address address = Http2Address.of(endpoint);
      return open.listen(
          endpoint,
          threads,
          () ->
              new Http2Listener(
                  open,
                  ports.listen(
                      endpoint,
                      address.peer(),
                      address.tls(),
                      List.of(new SessionTaker(open, context.acceptor())))));
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() {
    open.close(ports.onThread() || threads.isOwn(), this::endThreads);
  }

  private void endThreads() {
    ports.close();
    threads.close();
  }
}
