package io.carrick.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs everything for a moment, in one process. */
@Timeout(60)
class BenchmarkTest {

  @Test
  void everyScenarioRunsWithEveryPeer() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Plan plan =
        new Plan(
            List.of(Peer.values()),
            List.of(Scenario.values()),
            1,
            Duration.ofMillis(10),
            Duration.ofMillis(10));

    run(new Benchmark(new PrintStream(printed, true, StandardCharsets.UTF_8), plan), plan.peers());

    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains(
            "| scenario | raw | carrick | carrick-pool | grpc-bidi | grpc-unary | carrick-grpc |")
        .contains("| S1 64 B blocking request, p99 µs |")
        .contains("| S4 64 KiB stream, MB/s |")
        .doesNotContain("NaN");
  }

  private static void run(Benchmark benchmark, List<Peer> peers) throws Exception {
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "cbt");
    List<AutoCloseable> open = new ArrayList<>();
    List<Benchmark.Contestant> contestants = new ArrayList<>();
    try {
      for (Peer peer : peers) {
        Path socket = directory.resolve(peer.label());
        open.add(0, peer.serve(socket));
        BenchmarkClient client = peer.connect(socket);
        open.add(0, client);
        contestants.add(new Benchmark.Contestant(peer, client, ProcessHandle.current()));
      }
      benchmark.run(contestants);
    } finally {
      for (AutoCloseable closeable : open) {
        closeable.close();
      }
      for (Peer peer : peers) {
        Files.deleteIfExists(directory.resolve(peer.label()));
      }
      Files.deleteIfExists(directory);
    }
  }

  @Test
  void aCellShowsTheMedianAndTheExtremes() {
    assertThat(Results.cell(new double[] {3, 1, 2})).isEqualTo("2.00 (1.00–3.00)");
    assertThat(Results.cell(new double[] {2_500_000})).isEqualTo("2.50M (2.50M–2.50M)");
  }

  @Test
  void anUnknownOptionIsNamed() {
    assertThatThrownBy(() -> Plan.of(List.of("--fast", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--fast is no option");
  }
}
