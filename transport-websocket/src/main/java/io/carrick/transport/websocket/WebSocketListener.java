package io.carrick.transport.websocket;

import io.carrick.netty.HttpEndpoint;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.transport.support.TransportLifecycle;

/** What listens on an HTTP port. */
record WebSocketListener(TransportLifecycle open, HttpEndpoint port) implements Listener {

  @Override
  public Endpoint endpoint() {
    return port.endpoint();
  }

  /** Stops listening; sessions go on. The address is free when this returns. */
  @Override
  public void close() {
    open.forget(this);
    port.close();
  }
}
