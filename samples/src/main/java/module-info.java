/** One idea per sample. */
module io.carrick.samples {
  requires io.carrick.core;
  requires io.carrick.serialization;
  requires static transitive org.jspecify;

  // JSON needs to see the records.
  opens io.carrick.samples;
}
