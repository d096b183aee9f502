package io.carrick.transport.http2;

import io.carrick.edge.http.HttpEdge;
import io.carrick.netty.HttpEndpoint;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.transport.support.TransportLifecycle;

/** What listens on an HTTP port. */
record Http2Listener(TransportLifecycle open, HttpEndpoint port, HttpEdge edge)
    implements Listener {

  @Override
  public Endpoint endpoint() {
    return port.endpoint();
  }

  @Override
  public int openCalls() {
    return edge.openCalls();
  }

  /** Stops listening; sessions and calls go on. The address is free when this returns. */
  @Override
  public void close() {
    open.forget(this);
    port.close();
    edge.close();
  }
}
