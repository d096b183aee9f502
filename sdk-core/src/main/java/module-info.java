/** Sessions, selection and the entry point. */
module io.carrick.core {
  requires transitive io.carrick;
  requires static transitive org.jspecify;

  exports io.carrick.core;

  uses io.carrick.spi.Codec;
  uses io.carrick.spi.TransportProvider;

  provides io.carrick.spi.MessengerProvider with
      io.carrick.core.CarrickMessengerProvider;
}
