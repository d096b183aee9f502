/** The carrick command. */
module io.carrick.cli {
  requires info.picocli;
  requires io.carrick.core;
  requires io.carrick.serialization;
  requires static transitive org.jspecify;
  requires tools.jackson.databind;
}
