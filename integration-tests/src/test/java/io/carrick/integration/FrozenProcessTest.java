package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Processes that stand still for longer than it takes to believe that they are dead (F11). */
@Tag("side-by-side")
@Timeout(90)
final class FrozenProcessTest {

  private static final List<String> SMALL = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");
  private static final Duration LONG_RESUME = Duration.ofSeconds(120);

  /** Three silent waits of a second make a path dead. */
  private static final Duration FROZEN = Duration.ofSeconds(5);

  private static final Duration THAWED = Duration.ofSeconds(30);

  @TempDir Path directory;

  private String first;
  private String second;

  @BeforeEach
  void paths() {
    first = "unix:" + directory.resolve("a");
    second = "unix:" + directory.resolve("b");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aServerThatStoodStillGoesOnWithItsSessions() throws Exception {
    try (ChildJvm server = child("server", LONG_RESUME).await("ready");
        Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(first, second);
      try (Traffic traffic = new Traffic(remote)) {
        traffic.await(1_000, 50, THAWED);
        String instance = remote.instance().orElseThrow();

        freeze(server, FROZEN);

        traffic.await(traffic.total() + 1_000, 100, THAWED);
        traffic.stop();
        assertThat(remote.instance()).contains(instance);
        System.out.println("A server stood still for " + FROZEN + ": " + traffic);
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aClientThatStoodStillGoesOnWithItsSession() throws Exception {
    CompletableFuture<String> stop = new CompletableFuture<>();
    try (Messenger server = Messenger.builder("server").listen(first).listen(second).build()) {
      TrafficServer traffic = new TrafficServer(server);
      server.handleAsync("control/stop", String.class, (text, call) -> stop);
      try (ChildJvm client = child("client", LONG_RESUME).await("ready")) {
        freeze(client, FROZEN);

        long calls = traffic.calls();
        Await.until(
            () -> "calls after " + calls + "; " + client.lines(),
            THAWED,
            () -> traffic.calls() > calls + 500);
        assertThat(server.peers()).hasSize(1);
        stop.complete("now");
        client.await("verified");
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aServerThatSleptThroughTheResumeTimeHasLostItsSessionsTruthfully() throws Exception {
    try (ChildJvm server = child("server", Duration.ofMillis(1_500)).await("ready");
        Messenger client =
            Messenger.builder("client").resumeTime(Duration.ofMillis(1_500)).build()) {
      Remote remote = client.connect(first, second);
      Items<Long> items = Items.of(remote.stream("traffic/stream", "", Long.class));
      items.awaitCount(100);
      server.signal("STOP");

      SessionLostException lost = Failures.in(items.end(), SessionLostException.class);
      Failures.check(lost, StatusCode.UNAVAILABLE, Delivered.MAYBE);
      CompletableFuture<Long> waiting = remote.request("traffic/ask", 7L, Long.class);
      server.signal("CONT");

      assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(-7L);
      assertNumbered(items.list());
    }
  }

  private static void assertNumbered(List<Long> items) {
    for (int i = 0; i < items.size(); i++) {
      assertThat(items.get(i)).isEqualTo(i);
    }
  }

  private ChildJvm child(String side, Duration resumeTime) {
    return ChildJvm.start(
        FrozenProcess.class, SMALL, side, first, second, String.valueOf(resumeTime.toMillis()));
  }

  private static void freeze(ChildJvm child, Duration time) throws InterruptedException {
    child.signal("STOP");
    new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    child.signal("CONT");
  }
}
