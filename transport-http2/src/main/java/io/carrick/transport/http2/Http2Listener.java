package io.carrick.transport.http2;

import io.carrick.netty.ListeningSocket;
import io.carrick.netty.Loops;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.transport.support.TransportLifecycle;

/** A bound socket. */
final class Http2Listener implements Listener {

  private final TransportLifecycle open;
  private final Loops loops;
  private final ListeningSocket socket;
  private final Endpoint endpoint;

  Http2Listener(TransportLifecycle open, Loops loops, ListeningSocket socket) {
    this.open = open;
    this.loops = loops;
    this.socket = socket;
    this.endpoint = socket.bound(this::close);
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Stops listening; sessions go on. The address is free when this returns. */
  @Override
  public void close() {
    open.forget(this);
    socket.closing();
    socket.channel().close();
    socket.awaitUnbound(loops);
  }
}
