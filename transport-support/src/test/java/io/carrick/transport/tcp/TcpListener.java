package io.carrick.transport.tcp;

import io.carrick.spi.Acceptor;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.transport.support.SerialExecutor;
import io.carrick.transport.support.TransportLifecycle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.concurrent.Executor;

/** A bound socket. */
final class TcpListener implements Listener {

  private final TransportLifecycle open;
  private final Executor callbacks;
  private final AsynchronousServerSocketChannel socket;
  private final Acceptor acceptor;
  private final Endpoint endpoint;

  TcpListener(
      TransportLifecycle open,
      Executor callbacks,
      AsynchronousServerSocketChannel socket,
      Acceptor acceptor)
      throws IOException {
    this.open = open;
    this.callbacks = callbacks;
    this.socket = socket;
    this.acceptor = acceptor;
    InetSocketAddress bound = (InetSocketAddress) socket.getLocalAddress();
    this.endpoint =
        Endpoint.parse("tcp://" + bound.getAddress().getHostAddress() + ":" + bound.getPort());
  }

  TcpListener start() {
    // It fails when the socket is closed; a transport for use would go on after all else.
    socket.accept(null, Sockets.handler(this::accepted, failure -> {}));
    return this;
  }

  private void accepted(AsynchronousSocketChannel peer) {
    Executor loop = new SerialExecutor(callbacks);
    TcpChannel channel = new TcpChannel(open, loop, peer, Sockets.remoteOf(peer));
    loop.execute(() -> open.accept(channel.connection(), acceptor));
    if (socket.isOpen()) {
      start();
    }
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    open.forget(this);
    Sockets.close(socket);
  }
}
