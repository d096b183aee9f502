package io.carrick.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.UUID;

/** The transports that everything must be the same over. */
enum TestTransport {
  MEMORY("memory") {
    @Override
    String endpoint(Path directory) {
      return "memory:" + UUID.randomUUID();
    }
  },
  UNIX("unix") {
    @Override
    String endpoint(Path directory) {
      return "unix:" + directory.resolve("s");
    }
  },
  GRPC("none") {
    @Override
    String endpoint(Path directory) {
      return "grpc://127.0.0.1:" + freePort();
    }
  },
  GRPCS("tls") {
    @Override
    String endpoint(Path directory) {
      return "grpcs://127.0.0.1:" + freePort();
    }
  },
  HTTP("none") {
    @Override
    String endpoint(Path directory) {
      return "http://127.0.0.1:" + freePort();
    }
  },
  HTTPS("tls") {
    @Override
    String endpoint(Path directory) {
      return "https://127.0.0.1:" + freePort();
    }
  };

  /** The kind of the principals that it verifies. */
  final String principalKind;

  TestTransport(String principalKind) {
    this.principalKind = principalKind;
  }

  /** A new endpoint; files go into the directory. */
  abstract String endpoint(Path directory);

  /** Whether nobody vouches for peers, and all may read. */
  boolean isPlain() {
    return principalKind.equals("none");
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port", e);
    }
  }
}
