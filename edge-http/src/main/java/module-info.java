/** Calls by HTTP, for programs without the SDK. */
@SuppressWarnings("module") // Who it is exported to is built after it.
module io.carrick.edge.http {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires com.google.protobuf;
  requires transitive io.carrick.netty;
  requires io.carrick.transport.support;
  requires io.carrick.wire;
  requires io.netty.buffer;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.transport;
  requires tools.jackson.core;

  exports io.carrick.edge.http to
      io.carrick.transport.http2;
  exports io.carrick.edge.http.socket to
      io.carrick.transport.http2;
}
