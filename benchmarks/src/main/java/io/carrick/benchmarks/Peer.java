package io.carrick.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What is measured: one way to connect two processes by a Unix socket. */
enum Peer {
  /** Blocking channels of the JDK; all frames of one read are answered in one write. */
  RAW,
  /** Carrick, its handlers on the reading thread. */
  CARRICK,
  /** Carrick, its handlers on the pool. */
  CARRICK_POOL;

  static Peer of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  BenchmarkServer serve(Path socket) throws IOException {
    return this == RAW ? new RawServer(socket) : new CarrickServer(socket, this == CARRICK);
  }

  BenchmarkClient connect(Path socket) throws IOException {
    return this == RAW ? new RawClient(socket) : new CarrickClient(socket);
  }
}
