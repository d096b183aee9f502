package io.carrick.transport.http2;

import io.carrick.EndpointException;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Calls;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.tls.TlsContexts;
import io.carrick.transport.support.TransportLifecycle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Connects by OkHttp and listens by Netty. */
final class Http2Transport implements Transport {

  private final TransportConfig config;
  private final TransportLifecycle open;
  private final Loops loops;
  private final SessionThreads threads;
  private final TlsContexts contexts;
  private final NettyTls tls;

  Http2Transport(TransportConfig config) {
    String name = "carrick-http2-" + config.name();
    this.config = config;
    this.open = new TransportLifecycle(name, config.connectTimeout());
    this.loops = new Loops(name);
    this.threads = new SessionThreads(name + "-session");
    this.contexts = new TlsContexts(config.tls());
    this.tls = new NettyTls(config.tls());
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    return open.connect(endpoint, attempt -> dial(endpoint, attempt));
  }

  private void dial(Endpoint endpoint, CompletableFuture<Connection> attempt) {
    Http2Address address = Http2Address.of(endpoint);
    loops
        .names()
        .resolve(address.peer().host())
        .whenComplete(
            (addresses, failure) -> {
              if (addresses == null) {
                attempt.completeExceptionally(Failures.unresolved(endpoint, failure));
              } else if (!attempt.isDone()) {
                Dialer.start(
                    new Dialer.Target(endpoint, address, addresses, config.connectTimeout()),
                    contexts,
                    open,
                    threads,
                    attempt);
              }
            });
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, Acceptor acceptor, Calls calls) {
    try {
      Http2Address address = Http2Address.of(endpoint);
      Http2Binder binder = new Http2Binder(open, loops, tls, config.peers());
      return open.listen(endpoint, threads, () -> binder.bind(endpoint, address, acceptor));
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() {
    open.close(loops.onThread() || threads.isOwn(), this::endThreads);
  }

  private void endThreads() {
    try {
      loops.close();
      threads.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
