/** Messages over WebSocket: a session is one connection, a message of it a Packet. */
module io.carrick.transport.websocket {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires io.carrick.netty;
  requires io.carrick.tls;
  requires io.carrick.transport.support;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires jakarta.websocket;
  requires org.glassfish.tyrus.client;
  requires org.glassfish.tyrus.core;
  requires org.glassfish.tyrus.spi;

  exports io.carrick.transport.websocket;
  exports io.carrick.transport.websocket.tyrus to
      org.glassfish.tyrus.client,
      org.glassfish.tyrus.core;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.websocket.WebSocketTransportProvider;
}
