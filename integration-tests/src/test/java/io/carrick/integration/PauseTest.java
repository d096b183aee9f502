package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long a stream of 1,000 items a second stands still when its session changes its path. The
 * targets are for a machine with nothing else to do; what is asserted is {@link #SLACK} times as
 * much, as builds share their machine. The figures are printed.
 */
@Timeout(120)
final class PauseTest {

  private static final int TIMES = Integer.getInteger("carrick.pause.times", 100);
  private static final int SLACK = Integer.getInteger("carrick.pause.slack", 10);
  private static final Duration PLANNED = Duration.ofMillis(20);
  private static final Duration KILLED = Duration.ofMillis(250);
  private static final int MORE = 20;

  @TempDir Path directory;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Pauses pauses = new Pauses();
  private TestPath first;
  private TestPath second;
  private Messenger server;
  private Messenger client;
  private Remote remote;

  @BeforeEach
  void start() {
    first = TestPath.over(TestTransport.UNIX, directory, "a", "pause-client", "pause-server", 1);
    second = TestPath.over(TestTransport.UNIX, directory, "b", "pause-client", "pause-server", 2);
    server =
        TestTls.messenger("pause-server").listen(first.listens()).listen(second.listens()).build();
    server.handleStream("tick", String.class, text -> new Ticker(clock, 1, Long.MAX_VALUE));
    client = TestTls.messenger("pause-client").build();
    // Not through a proxy, which takes time, too.
    remote = client.connect(first.listens(), second.listens());
    remote.stream("tick", "", Long.class).subscribe(pauses);
    pauses.awaitMore(1_000);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    first.close();
    second.close();
    clock.shutdownNow();
  }

  @Test
  void withoutAnythingThatHappensTheStreamGoesOn() {
    for (int i = 0; i < TIMES; i++) {
      pauses.measure(() -> {}, MORE);
    }
    System.out.println("Nothing happened: " + pauses);
  }

  @Test
  void aPlannedMoveIsHardlyNoticed() {
    for (int i = 0; i < TIMES; i++) {
      String next = i % 2 == 0 ? second.listens() : first.listens();
      pauses.measure(() -> Await.result(remote.move(next)), MORE);
    }
    System.out.println("Planned moves: " + pauses);
    assertThat(pauses.percentile(99)).isLessThan(PLANNED.multipliedBy(SLACK));
  }

  @Test
  void aKilledConnectionIsReplacedAtOnce() {
    for (int i = 0; i < TIMES; i++) {
      pauses.measure(this::kill, MORE);
    }
    System.out.println("Killed connections: " + pauses);
    assertThat(pauses.percentile(99)).isLessThan(KILLED.multipliedBy(SLACK));
  }

  private void kill() {
    Faults faults = Faults.of("pause-client");
    faults.kill(first.listens());
    faults.kill(second.listens());
  }
}
