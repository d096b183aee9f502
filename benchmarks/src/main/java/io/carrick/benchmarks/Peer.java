package io.carrick.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What is measured: one way to connect two processes, by a Unix socket or by TCP on loopback. */
enum Peer {
  /** Blocking channels of the JDK; all frames of one read are answered in one write. */
  RAW,
  /** Carrick, its handlers on the reading thread. */
  CARRICK,
  /** Carrick, its handlers on the pool. */
  CARRICK_POOL,
  /** gRPC alone over TCP: one long call for all requests. */
  GRPC_BIDI,
  /** gRPC alone over TCP: a call for each request. */
  GRPC_UNARY,
  /** Carrick over gRPC over TCP, its handlers on the reading thread. */
  CARRICK_GRPC;

  static Peer of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  BenchmarkServer serve(Path socket) throws IOException {
    return switch (this) {
      case RAW -> new RawServer(socket);
      case GRPC_BIDI, GRPC_UNARY -> new BareGrpcServer(socket);
      case CARRICK_GRPC -> CarrickServer.overGrpc(socket);
      case CARRICK, CARRICK_POOL -> CarrickServer.overUnix(socket, this == CARRICK);
    };
  }

  BenchmarkClient connect(Path socket) throws IOException {
    return switch (this) {
      case RAW -> new RawClient(socket);
      case GRPC_BIDI, GRPC_UNARY -> new BareGrpcClient(socket, this == GRPC_UNARY);
      case CARRICK_GRPC -> new CarrickClient("grpc://127.0.0.1:" + PortFile.read(socket));
      case CARRICK, CARRICK_POOL -> new CarrickClient("unix:" + socket);
    };
  }
}
