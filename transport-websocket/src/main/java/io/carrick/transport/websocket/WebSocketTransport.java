package io.carrick.transport.websocket;

import io.carrick.EndpointException;
import io.carrick.netty.HttpPorts;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.TransportLifecycle;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Connects and listens by Tyrus, over the sockets and loops of Netty. */
final class WebSocketTransport implements Transport {

  private final String name;
  private final TransportConfig config;
  private final TransportLifecycle open;
  private final HttpPorts ports;
  private final NettyTls tls;

  WebSocketTransport(TransportConfig config) {
    this.name = "carrick-websocket-" + config.name();
    this.config = config;
    this.open = new TransportLifecycle(name, config.connectTimeout());
    this.ports = HttpPorts.of(config);
    this.tls = new NettyTls(config.tls());
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    return open.connect(
        endpoint,
        attempt ->
            Dialer.start(endpoint, config.connectTimeout(), ports.loops(), tls, open, attempt));
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    try {
      WebSocketAddress address = WebSocketAddress.of(endpoint);
      SessionTaker taker = new SessionTaker(open, context.acceptor(), address);
      return open.listen(
          endpoint,
          this::beside,
          () ->
              new WebSocketListener(
                  open, ports.listen(endpoint, address.peer(), address.tls(), List.of(taker))));
    } catch (EndpointException | OutOfMemoryError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Binding blocks, and threads of the JDK may keep it alive. */
  private void beside(Runnable binding) {
    Thread thread = new Thread(binding, name + "-listen");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    open.close(ports.onThread(), ports::close);
  }
}
