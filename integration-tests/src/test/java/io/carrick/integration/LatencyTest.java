package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.AdvertisedEndpoints;
import io.carrick.Explanation;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import io.carrick.testkit.Weather;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session goes where its latency target is met: two ways to one service, each through a proxy
 * that makes it slow, while calls are made and an endless stream is counted beside.
 */
@Timeout(90)
class LatencyTest {

  private static final long SEED = 20261128;
  private static final Duration TARGET = Duration.ofMillis(10);

  @TempDir Path directory;
  private Messenger server;
  private Messenger client;
  private FaultProxy first;
  private FaultProxy second;
  private String one;
  private String two;

  @BeforeEach
  void open() {
    Path socket = directory.resolve("server.sock");
    server = Messenger.builder("server").listen("unix:" + socket).build();
    server.handle("echo", String.class, text -> text);
    CountingStream.serve(server);
    first = FaultProxy.unix(directory.resolve("one.sock"), socket, SEED);
    second = FaultProxy.unix(directory.resolve("two.sock"), socket, SEED);
    one = "unix:" + first.path();
    two = "unix:" + second.path();
    client = Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    first.close();
    second.close();
  }

  /** A round trip through the proxy takes at least so long. */
  private static void roundTrip(FaultProxy proxy, int millis) {
    proxy.weather(Weather.CLEAR.withLatency(Duration.ofNanos(millis * 500_000L)));
  }

  private static void call(Remote remote) {
    Await.result(remote.request("echo", "x", String.class));
  }

  /** Calls for so long; what the last of them took in milliseconds. */
  private static double callFor(Remote remote, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    double last = 0;
    while (System.nanoTime() - end < 0) {
      long before = System.nanoTime();
      call(remote);
      last = (System.nanoTime() - before) / 1e6;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    return last;
  }

  private static void callUntilOn(Remote remote, String endpoint, Duration most) {
    long begin = System.nanoTime();
    while (!remote.explain().chosen().equals(Optional.of(endpoint))) {
      assertThat(System.nanoTime() - begin)
          .as("not on %s: %s", endpoint, remote.explain())
          .isLessThan(most.toNanos());
      call(remote);
    }
  }

  private static List<PathEvent> moves(Remote remote) {
    return remote.explain().events().stream()
        .filter(e -> e.what() == PathEvent.What.MOVED)
        .toList();
  }

  @Test
  void aPathThatBecomesTenTimesSlowerIsLeftWithinFiveSeconds() {
    roundTrip(first, 4);
    roundTrip(second, 4);
    Remote remote = client.connect(one, two).with(Requirements.NONE.maxLatency(TARGET));
    try (CountingStream beside = new CountingStream(remote)) {
      callFor(remote, Duration.ofSeconds(2));
      assertThat(second.accepted()).as("what cannot change the path is not measured").isZero();
      assertThat(remote.explain().chosen()).contains(one);

      roundTrip(first, 40);
      callUntilOn(remote, two, Duration.ofSeconds(5));

      assertThat(callFor(remote, Duration.ofSeconds(1))).isLessThan(30);
      assertThat(moves(remote)).hasSize(1);
      assertThat(moves(remote).get(0).reason()).contains("latency target of PT0.01S");
      beside.verify();
    }
  }

  @Test
  void theStrictestTargetOfTheViewsThatAreUsedCounts() {
    roundTrip(first, 4);
    roundTrip(second, 4);
    Remote lax = client.connect(one, two);
    Remote strict = lax.with(Requirements.NONE.maxLatency(TARGET));
    call(lax.with(Requirements.NONE.maxLatency(Duration.ofSeconds(1))));
    call(strict);
    callFor(lax, Duration.ofSeconds(1));

    roundTrip(first, 40);
    callUntilOn(lax, two, Duration.ofSeconds(5));
  }

  @Test
  void whereBothMissTheLessBadOneIsTaken() {
    roundTrip(first, 60);
    roundTrip(second, 30);
    Remote remote = client.connect(Requirements.NONE.maxLatency(TARGET), one, two);
    try (CountingStream beside = new CountingStream(remote)) {
      callUntilOn(remote, two, Duration.ofSeconds(6));
      callFor(remote, Duration.ofSeconds(3));
      beside.verify();
    }
    assertThat(moves(remote)).hasSize(1);
  }

  @Test
  void whereNothingIsGainedTheSessionStays() {
    roundTrip(first, 30);
    roundTrip(second, 30);
    Remote remote = client.connect(Requirements.NONE.maxLatency(TARGET), one, two);
    try (CountingStream beside = new CountingStream(remote)) {
      callFor(remote, Duration.ofSeconds(8));
      beside.verify();
    }
    assertThat(moves(remote)).isEmpty();
    assertThat(second.accepted()).as("tried, but not again and again").isBetween(1, 2);
  }

  @Test
  void whatSwaysEveryTwoSecondsIsNotFollowed() {
    Remote remote = client.connect(Requirements.NONE.maxLatency(TARGET), one, two);
    try (CountingStream beside = new CountingStream(remote)) {
      for (int i = 0; i < 9; i++) {
        roundTrip(i % 2 == 0 ? first : second, 40);
        roundTrip(i % 2 == 0 ? second : first, 2);
        callFor(remote, Duration.ofSeconds(2));
      }
      beside.verify();
    }
    assertThat(moves(remote)).hasSizeBetween(1, 3);
  }

  @Test
  void aPathThatTakesTwiceItsBestIsComparedWithoutATarget() {
    roundTrip(first, 4);
    roundTrip(second, 4);
    Remote remote = client.connect(one, two);
    callFor(remote, Duration.ofSeconds(2));

    roundTrip(first, 40);
    callUntilOn(remote, two, Duration.ofSeconds(5));

    assertThat(moves(remote).get(0).reason()).contains("twice its best");
  }

  @Test
  void whatIsToldAsMeasuredIsWhatCallsTake() {
    roundTrip(first, 6);
    Remote remote = client.connect(one);
    call(remote);
    double call = callFor(remote, Duration.ofSeconds(3));

    Explanation.Candidate path = remote.explain().candidates().get(0);

    assertThat(path.rttMicros() / 1_000.0).isBetween(5.9, 6 + 2 * call);
    assertThat(path.samples()).isGreaterThanOrEqualTo(5);
  }

  @Test
  void whoAsksIsToldOfTheOtherPathsToo() {
    roundTrip(second, 20);
    Remote remote = client.connect(one, two);
    call(remote);

    Await.until(
        "the other path is measured",
        () ->
            remote.explain().candidates().stream()
                .anyMatch(c -> c.endpoint().equals(two) && c.rttMicros() >= 20_000));

    assertThat(remote.explain().chosen()).contains(one);
    assertThat(moves(remote)).isEmpty();
    assertThat(server.peers()).hasSize(1);
  }

  /** What eight sessions tell a service: it has many clients, and each new one is told so. */
  @Test
  void clientsOfAServiceThatHasManyDoNotLookElsewhereAllAtOnce() {
    roundTrip(first, 4);
    roundTrip(second, 4);
    for (int i = 0; i < 8; i++) {
      call(client.connect(one));
    }
    List<Remote> many =
        IntStream.range(0, 24)
            .mapToObj(i -> client.connect(Requirements.NONE.maxLatency(TARGET), one, two))
            .toList();
    many.forEach(Remote::connect);
    many.forEach(LatencyTest::call);
    assertThat(second.accepted()).isZero();

    roundTrip(first, 40);
    List<Long> trials = new ArrayList<>();
    Await.until(
        () -> "each tried the other path: " + trials,
        Duration.ofSeconds(30),
        () -> {
          // Paths are measured while they are used.
          many.stream()
              .map(remote -> remote.request("echo", "x", String.class))
              .toList()
              .forEach(Await::result);
          while (trials.size() < second.accepted()) {
            trials.add(System.nanoTime());
          }
          return trials.size() >= many.size();
        });

    // Each looks once a second since it was opened, which was about at once.
    long most = trials.stream().mapToLong(t -> within(trials, t, 250_000_000)).max().orElseThrow();
    assertThat(most).as("in a quarter of the second: %s", trials).isLessThan(many.size() * 2L / 3);
  }

  private static long within(List<Long> moments, long from, long nanos) {
    return moments.stream().filter(t -> t - from >= 0 && t - from <= nanos).count();
  }

  @Test
  void aTrialGivesWayToABreak() {
    roundTrip(first, 4);
    roundTrip(second, 4);
    Remote remote = client.connect(Requirements.NONE.maxLatency(TARGET), one, two);
    try (CountingStream beside = new CountingStream(remote)) {
      callFor(remote, Duration.ofSeconds(1));
      // The other one answers nothing: a trial of it hangs.
      second.blackHole(FaultProxy.Direction.values());
      roundTrip(first, 40);
      long accepted = second.accepted();
      Await.until(
          "the other path is tried",
          () -> {
            call(remote);
            return second.accepted() > accepted;
          });

      // What was said to the trial is lost, and its connection stays.
      second.heal();
      first.reset();

      call(remote);
      assertThat(moves(remote)).isEmpty();
      beside.verify();
    }
  }
}
