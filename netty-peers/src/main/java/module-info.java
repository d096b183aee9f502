/** What transports on Netty share: event loops, guarded sockets, TLS and names. */
@SuppressWarnings("module") // Those that it is exported to are built after it.
module io.carrick.netty {
  requires transitive io.carrick;
  requires io.carrick.tls;
  requires transitive io.carrick.transport.support;
  requires io.carrick.unix;
  requires transitive io.netty.buffer;
  requires io.netty.codec;
  requires transitive io.netty.codec.http;
  requires transitive io.netty.codec.http2;
  requires transitive io.netty.common;
  requires transitive io.netty.handler;
  requires transitive io.netty.transport;
  requires static transitive org.jspecify;

  exports io.carrick.netty to
      io.carrick.edge.http,
      io.carrick.transport.grpc,
      io.carrick.transport.http2,
      io.carrick.transport.websocket;
}
