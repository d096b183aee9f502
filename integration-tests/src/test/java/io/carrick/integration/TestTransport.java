package io.carrick.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

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
  WS("none") {
    @Override
    String endpoint(Path directory) {
      return "ws://127.0.0.1:" + freePort();
    }
  },
  WSS("tls") {
    @Override
    String endpoint(Path directory) {
      return "wss://127.0.0.1:" + freePort();
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
  },
  /** Over a broker, which must be installed. */
  MQTT("none") {
    @Override
    String endpoint(Path directory) {
      return TestBroker.endpoint(freePort());
    }
  };

  private static final int FIRST_PORT = 12_000;
  private static final int PORTS = 20_000;

  /** Tests that run elsewhere at the same time begin elsewhere. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

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

  /** Each is given once, and is none of those that systems give to sockets which dial. */
  private static int freePort() {
    for (int tries = 0; tries < PORTS; tries++) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (BindException taken) {
        continue;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot try port " + port, e);
      }
    }
    throw new IllegalStateException("no free port from " + FIRST_PORT + " on");
  }
}
