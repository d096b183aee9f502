package io.carrick.integration;

import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** One Mosquitto, as it comes, for all tests of a JVM; it ends with that. */
final class TestBroker {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static int port;

  private TestBroker() {}

  /** An endpoint of a service that nobody else has. Without Mosquitto the calling test ends. */
  static synchronized String endpoint(int free) {
    Prerequisite.BROKERS.check(isInstalled(), "install the package mosquitto");
    if (port == 0) {
      start(free);
      port = free;
    }
    return "mqtt://127.0.0.1:" + port + "/" + UUID.randomUUID();
  }

  private static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":"), new String[] {"/usr/sbin"})
        .flatMap(Stream::of)
        .anyMatch(bin -> Files.isExecutable(Path.of(bin, "mosquitto")));
  }

  private static void start(int free) {
    try {
      Path file = Files.createTempFile("mosquitto", ".conf");
      file.toFile().deleteOnExit();
      Files.writeString(
          file,
          "listener %d 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n"
              .formatted(free));
      ProcessBuilder builder = new ProcessBuilder(List.of("mosquitto", "-c", file.toString()));
      builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + ":" + more);
      Process process =
          builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      Await.until(
          () -> "Mosquitto listens; alive: " + process.isAlive(), PATIENCE, () -> listens(free));
    } catch (IOException e) {
      throw new UncheckedIOException("Mosquitto does not start", e);
    }
  }

  private static boolean listens(int at) {
    try (Socket socket = new Socket("127.0.0.1", at)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
