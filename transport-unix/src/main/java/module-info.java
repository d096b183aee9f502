/** Messages within one machine. */
module io.carrick.transport.unix {
  requires transitive io.carrick;
  requires jdk.net;
  requires static transitive org.jspecify;

  exports io.carrick.transport.unix;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.unix.UnixTransportProvider;
}
