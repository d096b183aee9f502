package io.carrick.transport.memory;

import io.carrick.spi.Acceptor;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;

/** A name in memory under which connections are accepted. */
record MemoryListener(MemoryTransport transport, Endpoint endpoint, Acceptor acceptor)
    implements Listener {

  @Override
  public void close() {
    transport.forget(this);
  }
}
