/** Messages within one machine. */
module io.carrick.transport.unix {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
}
