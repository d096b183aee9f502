/** Messages within one process. */
module io.carrick.transport.memory {
  requires transitive io.carrick;
  requires io.carrick.transport.support;
  requires static transitive org.jspecify;

  exports io.carrick.transport.memory;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.memory.MemoryTransportProvider;
}
