package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.integration.Program.Result;
import io.carrick.testkit.FaultProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code carrick serve} and a client in processes of their own: the client knows a gRPC endpoint
 * only, moves to the advertised socket by itself, and back when that dies.
 */
@Tag("side-by-side")
@Timeout(180)
final class UpgradeBetweenProcessesTest {

  @TempDir Path directory;

  @Test
  void aClientOfTheSameHostMovesToTheSocketAndBackWhenItDies() throws IOException {
    Path hidden = Files.createDirectories(directory.resolve("hidden")).resolve("s");
    Path shared = Files.createDirectories(directory.resolve("carrick")).resolve("s");
    try (Program server =
            java(
                "io.carrick.cli.Main",
                "serve",
                "--listen",
                "grpc://127.0.0.1:0",
                "--listen",
                "unix:" + hidden,
                "--advertise",
                "unix:" + shared);
        FaultProxy relay = FaultProxy.unix(shared, hidden, 20261123)) {
      server.await("ready");
      String endpoint = server.await("listening grpc://").substring("listening ".length());
      try (FaultProxy network = TestPath.network(endpoint);
          Program client =
              java(
                  UpgradeClient.class.getName(),
                  TestPath.over(endpoint, network),
                  "grpc",
                  "unix",
                  "grpc")) {
        client.await("on grpc");
        client.await("on unix");
        assertThat(relay.accepted()).isPositive();

        relay.refuse();
        relay.reset();

        Result result = client.end();
        result.out().forEach(System.out::println);
        assertThat(result.exit()).as("%s", result).isZero();
        assertThat(result.out())
            .filteredOn(line -> line.startsWith("on "))
            .containsExactly("on grpc", "on unix", "on grpc");
      }
      assertThat(server.terminate().end().exit()).isZero();
    }
  }

  /** Nobody set anything: where nobody relies on who the peer is, its rights may fall. */
  @Test
  void aStreamOfTheCommandLineGoesOnOverGrpcWhenItsSocketDies() throws IOException {
    long items = 400_000;
    Path hidden = Files.createDirectories(directory.resolve("hidden")).resolve("s");
    Path shown = Files.createDirectories(directory.resolve("carrick")).resolve("s");
    try (Program server =
            java(
                "io.carrick.cli.Main",
                "serve",
                "--listen",
                "grpc://127.0.0.1:0",
                "--listen",
                "unix:" + hidden);
        FaultProxy relay = FaultProxy.unix(shown, hidden, 20261129)) {
      server.await("ready");
      String grpc = server.await("listening grpc://").substring("listening ".length());
      try (Program client =
          java(
              "io.carrick.cli.Main",
              "stream",
              "--connect",
              "unix:" + shown + "," + grpc,
              "--watch",
              "carrick/count",
              Long.toString(items))) {
        client.await("1000");
        assertThat(relay.accepted()).isPositive();
        relay.refuse();
        relay.reset();

        Result result = client.end();
        assertThat(result.exit()).as("%s", result.err()).isZero();
        assertThat(result.out())
            .isEqualTo(LongStream.rangeClosed(1, items).mapToObj(Long::toString).toList());
        assertThat(result.err()).anyMatch(line -> line.contains(grpc));
      }
      assertThat(server.terminate().end().exit()).isZero();
    }
  }

  /** A JVM whose sockets may be in the shared directory. */
  private Program java(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(List.of(arguments));
    return Program.start(directory, command, Map.of("XDG_RUNTIME_DIR", directory.toString()));
  }
}
