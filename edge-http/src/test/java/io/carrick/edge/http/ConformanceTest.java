package io.carrick.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The conformance suite of Connect (connectrpc.com/conformance), on what conformance.yaml claims.
 * {@code CARRICK_CONFORMANCE} says where its program {@code connectconformance} is; without it the
 * test is skipped.
 */
final class ConformanceTest {

  @Test
  @Timeout(240)
  void everyCaseOfWhatIsClaimedPasses() throws IOException, InterruptedException {
    String suite = System.getenv("CARRICK_CONFORMANCE");
    Assumptions.assumeTrue(
        suite != null && !suite.isEmpty(),
        "go install connectrpc.com/conformance/cmd/connectconformance@v1.0.7, and say where it is");

    Process process =
        new ProcessBuilder(
                List.of(
                    suite,
                    "--conf",
                    Path.of("src/test/resources/conformance.yaml").toString(),
                    "--mode",
                    "server",
                    "--parallel",
                    "2",
                    "--",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    ConformanceServer.class.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    System.out.println(output.substring(Math.max(0, output.length() - 80)));
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains(" 0 failed").containsPattern("[1-9][0-9]{2} passed");
  }
}
