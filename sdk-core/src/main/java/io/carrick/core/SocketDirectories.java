package io.carrick.core;

import io.carrick.spi.Endpoint;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where advertised Unix sockets may be (identity of endpoints: docs/selection.md). */
final class SocketDirectories {

  private SocketDirectories() {}

  /** The system's own places, and those of the endpoints that a node listens on. */
  static List<Path> of(Collection<Endpoint> listening) {
    List<Path> all = new ArrayList<>(ofConfigured(listening));
    all.add(Path.of("/run/carrick"));
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null && runtime.startsWith("/")) {
      all.add(Path.of(runtime, "carrick"));
    }
    return all;
  }

  /** The directories of Unix sockets that somebody configured. */
  static List<Path> ofConfigured(Collection<Endpoint> endpoints) {
    List<Path> all = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      String path = endpoint.uri().isOpaque() ? null : endpoint.uri().getPath();
      if (endpoint.scheme().equals("unix") && path != null) {
        try {
          Path parent = Path.of(path).getParent();
          if (parent != null) {
            all.add(parent);
          }
        } catch (InvalidPathException bad) {
          // The transport says so when it is dialled.
        }
      }
    }
    return all;
  }
}
