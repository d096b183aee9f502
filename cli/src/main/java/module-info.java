/** The carrick command. */
module io.carrick.cli {
  requires io.carrick.certificates;
  requires info.picocli;
  requires io.carrick;
  requires io.carrick.core;
  requires io.carrick.jwt;
  requires io.carrick.serialization;
  requires java.logging;
  requires jdk.httpserver;
  requires static transitive org.jspecify;
  requires tools.jackson.databind;

  uses io.carrick.spi.TransportProvider;

  opens io.carrick.cli to
      info.picocli,
      tools.jackson.databind;
}
