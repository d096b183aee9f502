/** The rules of a transport, once for all of them: what is left is what its library must do. */
module io.carrick.transport.support {
  requires transitive io.carrick;
  requires static transitive org.jspecify;

  exports io.carrick.transport.support;
  exports io.carrick.transport.support.edge;
}
