package io.carrick.transport.memory;

import io.carrick.spi.Acceptor;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;

/** A name in memory under which connections are accepted. */
final class MemoryListener implements Listener {

  private static final System.Logger LOG = System.getLogger(MemoryListener.class.getName());

  private final MemoryTransport transport;
  private final Endpoint endpoint;
  private final Acceptor acceptor;
  private volatile boolean closed;

  MemoryListener(MemoryTransport transport, Endpoint endpoint, Acceptor acceptor) {
    this.transport = transport;
    this.endpoint = endpoint;
    this.acceptor = acceptor;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    closed = true;
    transport.forget(this);
  }

  MemoryTransport transport() {
    return transport;
  }

  /** Hands a connection to the acceptor, on the transport's thread; false if it was closed. */
  boolean offer(MemoryConnection connection) {
    if (closed || !transport.adopt(connection)) {
      return false;
    }
    transport.execute(() -> accept(connection));
    return true;
  }

  private void accept(MemoryConnection connection) {
    try {
      acceptor.accept(connection);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "The acceptor of " + endpoint + " failed", e);
      connection.close(CloseReason.local("the acceptor failed: " + e));
    }
  }
}
