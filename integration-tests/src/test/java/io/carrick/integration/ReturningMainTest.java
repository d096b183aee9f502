package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a process lives whose {@code main} has returned. */
@Tag("side-by-side")
@Timeout(60)
final class ReturningMainTest {

  private static final List<String> SMALL = List.of("-Xmx64m", "-XX:TieredStopAtLevel=1");
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
  private static final int EXIT_OF_SIGTERM = 128 + 15;

  @TempDir Path directory;

  private static ChildJvm start(String... args) {
    return ChildJvm.start(ReturningMain.class, SMALL, args);
  }

  private static String ask(String endpoint, String topic) {
    try (Messenger client = Messenger.builder("client").build()) {
      return Await.result(client.connect(endpoint).request(topic, "here", String.class));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void aServiceOutlivesItsMainUntilItIsTold(TestTransport transport) throws Exception {
    String endpoint = transport.endpoint(directory);
    try (ChildJvm service = start("false", endpoint).await("main returns")) {
      assertThat(ask(endpoint, "echo")).isEqualTo("here");

      service.signal("TERM");
      assertThat(service.exit(LONG_ENOUGH)).isEqualTo(EXIT_OF_SIGTERM);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "drain"})
  void aServiceThatIsClosedLetsTheProcessEnd(String topic) throws Exception {
    String endpoint = TestTransport.UNIX.endpoint(directory);
    try (ChildJvm service = start("false", endpoint).await("main returns")) {
      assertThat(ask(endpoint, topic)).isNotEmpty();

      assertThat(service.exit(LONG_ENOUGH)).isZero();
      assertThat(service.lines()).endsWith("closed", "ending");
    }
  }

  @Test
  void aDaemonLetsTheProcessEnd() throws Exception {
    try (ChildJvm service = start("true", TestTransport.UNIX.endpoint(directory))) {
      assertThat(service.exit(LONG_ENOUGH)).isZero();
      assertThat(service.lines()).containsExactly("main returns", "ending");
    }
  }

  @Test
  void aPairInMemoryLetsTheProcessEnd() throws Exception {
    try (ChildJvm pair = start("pair")) {
      assertThat(pair.exit(LONG_ENOUGH)).isZero();
      assertThat(pair.lines()).containsExactly("main returns after server");
    }
  }

  @Test
  void whoOnlyDialsLetsTheProcessEnd() throws Exception {
    try (ChildJvm client = start("false")) {
      assertThat(client.exit(LONG_ENOUGH)).isZero();
      assertThat(client.lines()).containsExactly("main returns", "ending");
    }
  }
}
