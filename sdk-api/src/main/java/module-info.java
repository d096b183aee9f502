/**
 * What an application says ({@code io.carrick}) and what an extension implements ({@code
 * io.carrick.spi}).
 */
module io.carrick {
  requires static transitive org.jspecify;

  exports io.carrick;
  exports io.carrick.spi;

  uses io.carrick.spi.MessengerProvider;
}
