package io.carrick.cli;

import io.carrick.spi.TransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A transport that the tour visits.
 *
 * @param scheme the scheme of its endpoints
 * @param endpoint gives an endpoint of this process that nobody else has
 */
record TourStop(String scheme, Supplier<String> endpoint) {

  // One line for each transport: how to listen on it without asking anybody.
  private static final Map<String, Supplier<String>> ENDPOINTS =
      Map.of(
          "grpc",
          () -> "grpc://127.0.0.1:0",
          "http",
          () -> "http://127.0.0.1:0",
          "memory",
          TourStop::memory,
          "unix",
          TourStop::unix,
          "ws",
          () -> "ws://127.0.0.1:0");

  /** The transports that are installed and can be visited, by name. */
  static List<TourStop> installed() {
    Set<String> schemes = new TreeSet<>();
    ServiceLoader.load(TransportProvider.class)
        .forEach(provider -> schemes.addAll(provider.schemes()));
    List<TourStop> stops = new ArrayList<>();
    new TreeMap<>(ENDPOINTS)
        .forEach(
            (scheme, endpoint) -> {
              if (schemes.contains(scheme)) {
                stops.add(new TourStop(scheme, endpoint));
              }
            });
    return List.copyOf(stops);
  }

  private static String memory() {
    return "memory:" + UUID.randomUUID();
  }

  private static String unix() {
    try {
      Path directory = Files.createTempDirectory("carrick");
      directory.toFile().deleteOnExit();
      return "unix:" + directory.resolve("demo.sock");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory for a socket", e);
    }
  }
}
