/** Messages over gRPC: sessions between SDK peers, and plain methods for everybody else. */
module io.carrick.transport.grpc {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires com.google.common;
  requires io.carrick.netty;
  requires io.carrick.tls;
  requires io.carrick.transport.support;
  requires io.carrick.unix;
  requires io.carrick.wire;
  requires io.grpc;
  requires io.grpc.netty;
  requires io.grpc.protobuf;
  requires io.grpc.services;
  requires io.grpc.stub;
  requires com.google.protobuf;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;

  exports io.carrick.transport.grpc;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.grpc.GrpcTransportProvider;
}
