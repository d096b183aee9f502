/** TLS as network transports use it: certificates and keys that are read again, and identities. */
@SuppressWarnings("module") // Those that it is exported to are built after it.
module io.carrick.tls {
  requires transitive io.carrick;
  requires static transitive org.jspecify;

  exports io.carrick.tls to
      io.carrick.netty,
      io.carrick.transport.grpc,
      io.carrick.transport.http2,
      io.carrick.transport.mqtt,
      io.carrick.transport.websocket;
}
