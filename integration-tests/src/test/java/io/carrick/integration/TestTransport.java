package io.carrick.integration;

import java.nio.file.Path;
import java.util.UUID;

/** The transports that everything must be the same over. */
enum TestTransport {
  MEMORY {
    @Override
    String endpoint(Path directory) {
      return "memory:" + UUID.randomUUID();
    }
  },
  UNIX {
    @Override
    String endpoint(Path directory) {
      return "unix:" + directory.resolve("s");
    }
  };

  /** A new endpoint; files go into the directory. */
  abstract String endpoint(Path directory);
}
