/** Contracts that every transport, codec and compressor must pass. */
module io.carrick.testkit {
  requires transitive io.carrick;
  requires transitive io.carrick.certificates;
  requires jdk.management;
  requires static transitive org.jspecify;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.api;

  exports io.carrick.testkit;
}
