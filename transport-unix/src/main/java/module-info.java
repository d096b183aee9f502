/** Messages within one machine. */
module io.carrick.transport.unix {
  requires transitive io.carrick;
  requires io.carrick.transport.support;
  requires io.carrick.unix;
  requires static transitive org.jspecify;

  exports io.carrick.transport.unix;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.unix.UnixTransportProvider;
}
