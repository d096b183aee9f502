package io.carrick.transport.mqtt;

import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A real Mosquitto on this host, on a port of its own. */
final class Mosquitto implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final int port;
  private final Path file;
  private Process process;

  private Mosquitto(String... settings) {
    try {
      port = freePort();
      file = Files.createTempFile("mosquitto", ".conf");
      file.toFile().deleteOnExit();
      Files.write(
          file,
          Stream.concat(
                  Stream.of(
                      "listener " + port + " 127.0.0.1",
                      "allow_anonymous true",
                      "persistence false",
                      "user root"),
                  Stream.of(settings))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run();
  }

  /**
   * Starts one, with settings beside its defaults. Without Mosquitto the test is skipped, and fails
   * where {@code CARRICK_TEST_REQUIRE} names brokers.
   */
  static Mosquitto start(String... settings) {
    if (!isInstalled()) {
      String missing = "brokers is missing: install the packages mosquitto and mosquitto-clients";
      String required = System.getenv().getOrDefault("CARRICK_TEST_REQUIRE", "");
      if (required.equals("all") || Arrays.asList(required.split(",", -1)).contains("brokers")) {
        Assertions.fail(missing);
      }
      Assumptions.abort(missing);
    }
    return new Mosquitto(settings);
  }

  private static boolean isInstalled() {
    List<Path> path =
        Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
            .map(Path::of)
            .toList();
    return Stream.of("mosquitto", "mosquitto_pub", "mosquitto_sub", "mosquitto_rr")
        .allMatch(tool -> path.stream().anyMatch(bin -> Files.isExecutable(bin.resolve(tool))));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  /** A service of this broker that nobody else has. */
  String endpoint(String service) {
    return "mqtt://127.0.0.1:" + port + "/" + service;
  }

  /** Starts it, or starts it again. */
  void run() {
    try {
      ProcessBuilder builder = new ProcessBuilder(List.of("mosquitto", "-c", file.toString()));
      builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + ":" + more);
      process =
          builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Await.until(() -> "Mosquitto listens; alive: " + process.isAlive(), PATIENCE, this::listens);
  }

  private boolean listens() {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Kills it. */
  void kill() {
    try {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
