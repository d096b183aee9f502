/** Contracts that every transport, codec and compressor must pass. */
module io.carrick.testkit {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.api;
}
