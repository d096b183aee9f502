package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy.Direction;
import io.carrick.testkit.Weather;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two sockets and what goes wrong on them while a session uses them. */
@Timeout(90)
final class PathTroubleTest {

  private static final long SEED = Long.getLong("carrick.trouble.seed", 7);
  private static final int TROUBLES = Integer.getInteger("carrick.trouble.times", 40);
  private static final Duration MAX_WAIT = Duration.ofSeconds(30);

  /** F11: a path is suspect after two silent waits of a second. */
  private static final Duration MAX_DETECTION = Duration.ofSeconds(3);

  private static final String CLIENT = "trouble-client";
  private static final String SERVER = "trouble-server";

  @TempDir Path directory;

  private TestPath first;
  private TestPath second;
  private Messenger server;
  private Messenger client;
  private Remote remote;
  private Traffic traffic;

  @BeforeEach
  void start() {
    first = TestPath.over(TestTransport.UNIX, directory, "first", CLIENT, SERVER, SEED);
    second = TestPath.over(TestTransport.UNIX, directory, "second", CLIENT, SERVER, SEED + 1);
    server = TestTls.messenger(SERVER).listen(first.listens()).listen(second.listens()).build();
    new TrafficServer(server);
    client = TestTls.messenger(CLIENT).connectTimeout(Duration.ofSeconds(1)).build();
    second.refuse();
    remote = client.connect(first.dials(), second.dials());
    traffic = new Traffic(remote);
    traffic.await(1_000, 50, MAX_WAIT);
    second.admit();
  }

  @AfterEach
  void stop() {
    traffic.close();
    client.close();
    server.close();
    first.close();
    second.close();
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void aPathThatIsDeafOrDumbIsFoundUnderTraffic(Direction silent) {
    long broken = System.nanoTime();
    first.proxy().blackHole(silent);

    Duration detection = awaitMove(broken);

    System.out.printf("Nothing goes %s: found after %d ms%n", silent, detection.toMillis());
    assertThat(detection).isLessThan(MAX_DETECTION);
    allIsWell();
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void aSilentConnectionIsReplacedByAnotherToTheSameEndpoint(Direction silent) {
    second.refuse();
    String instance = remote.instance().orElseThrow();
    Queue<PathEvent> events = new ConcurrentLinkedQueue<>();
    remote.onPathEvent(events::add);
    int accepted = first.proxy().accepted();

    first.proxy().blackHole(silent);
    first.proxy().heal();

    Await.until(
        () -> "another connection; " + events,
        MAX_WAIT,
        () -> events.stream().anyMatch(e -> e.what() == PathEvent.What.RESUMED));
    assertThat(first.proxy().accepted()).isEqualTo(accepted + 1);
    assertThat(events).extracting(PathEvent::what).doesNotContain(PathEvent.What.SUSPENDED);
    assertThat(remote.instance()).contains(instance);
    allIsWell();
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void oneSideMayNotHearThatTheConnectionIsGone(Direction told) {
    long broken = System.nanoTime();
    first.refuse();
    first.proxy().halfOpen(told);

    assertThat(awaitMove(broken)).isLessThan(MAX_DETECTION);
    allIsWell();
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void whatComesLateOverTheOldPathChangesNothing(Direction late) {
    long broken = System.nanoTime();
    first.proxy().hold(late);
    awaitMove(broken);
    first.proxy().release(late);
    allIsWell();
  }

  @Test
  void aFrameMayComeInPiecesAndSlowlyWhilePathsBreak() {
    Weather bad = Weather.CLEAR.withMaxSlice(7).withJitter(Duration.ofMillis(2));
    first.proxy().weather(bad);
    second.proxy().weather(bad.withLatency(Duration.ofMillis(5)));
    for (int i = 0; i < 20; i++) {
      first.proxy().cut();
      second.proxy().cut();
      traffic.await(0, 20, MAX_WAIT);
    }
    allIsWell();
  }

  @Test
  void aSessionWaitsUntilAPathComesBack() {
    first.proxy().refuse();
    second.proxy().refuse();
    first.proxy().cut();
    Await.until("no connection", () -> first.connections() + second.connections() == 0);
    String instance = remote.instance().orElseThrow();
    second.proxy().admit();
    allIsWell();
    assertThat(remote.instance()).contains(instance);
  }

  @Test
  void anyTroubleAtAnyTimeIsSurvived() {
    Random random = new Random(SEED);
    List<Consumer<TestPath>> troubles =
        List.of(
            TestPath::clientKills,
            TestPath::serverKills,
            path -> path.proxy().cut(),
            path -> path.proxy().reset(),
            path -> path.proxy().halfClose(Direction.TO_CLIENT),
            path -> path.proxy().halfClose(Direction.TO_SERVER),
            path -> path.proxy().halfOpen(Direction.TO_CLIENT),
            path -> path.proxy().halfOpen(Direction.TO_SERVER));
    String instance = remote.instance().orElseThrow();
    for (int i = 0; i < TROUBLES; i++) {
      TestPath path = random.nextBoolean() ? first : second;
      troubles.get(random.nextInt(troubles.size())).accept(path);
      if (random.nextInt(3) > 0) {
        traffic.await(0, 1 + random.nextInt(100), MAX_WAIT);
      }
    }
    allIsWell();
    assertThat(remote.instance()).contains(instance);
    System.out.printf("%d troubles, seed %d: %s%n", TROUBLES, SEED, traffic);
  }

  private Duration awaitMove(long broken) {
    Await.until(
        () -> "a connection over the second path; " + traffic,
        MAX_WAIT,
        () -> second.connectedAfter(broken) >= 0);
    return Duration.ofNanos(second.connectedAfter(broken) - broken);
  }

  private void allIsWell() {
    traffic.await(traffic.total() + 1_000, 100, MAX_WAIT);
    traffic.stop();
  }
}
