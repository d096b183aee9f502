package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From each path to each other one, by each fault: a stream, a channel, requests and sends go on,
 * and nothing is lost, comes twice or out of order. More messages a cell: {@code
 * -Dcarrick.matrix.messages=100000}.
 */
@Timeout(120)
final class MigrationMatrixTest {

  private static final long MESSAGES = Long.getLong("carrick.matrix.messages", 5_000);
  private static final long SEED = Long.getLong("carrick.matrix.seed", 1);

  /** F11: a path is suspect after two silent waits of a second. */
  private static final Duration MAX_DETECTION = Duration.ofSeconds(3);

  private static final Duration MAX_CELL = Duration.ofSeconds(60).plusMillis(MESSAGES);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir Path directory;

  /** A kind of path; two of one transport are two endpoints. */
  record Kind(TestTransport transport, int number) {

    boolean bytes() {
      return transport != TestTransport.MEMORY;
    }

    @Override
    public String toString() {
      String name = transport.name().toLowerCase(Locale.ROOT);
      return number == 1 ? name : name + "-" + number;
    }
  }

  /** A session goes from one path to another, because of a fault. */
  record Cell(Kind from, Kind to, PathFault fault) {

    @Override
    public String toString() {
      return from + " to " + to + ", " + fault;
    }
  }

  private static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (TestTransport transport : TestTransport.values()) {
      kinds.add(new Kind(transport, 1));
    }
    kinds.add(new Kind(TestTransport.UNIX, 2));
    return kinds;
  }

  private static Stream<Cell> all() {
    return kinds().stream()
        .flatMap(
            from -> kinds().stream().filter(to -> !to.equals(from)).flatMap(to -> of(from, to)));
  }

  private static Stream<Cell> of(Kind from, Kind to) {
    return Stream.of(PathFault.values()).map(fault -> new Cell(from, to, fault));
  }

  static Stream<Cell> cells() {
    return all().filter(cell -> cell.fault().impossible(cell.from().bytes()).isEmpty());
  }

  @Test
  void cellsThatCannotBeHaveAReason() {
    List<String> impossible =
        all()
            .flatMap(
                cell ->
                    cell.fault().impossible(cell.from().bytes()).stream()
                        .map(why -> cell.from() + ", " + cell.fault() + ": " + why))
            .distinct()
            .toList();

    assertThat(impossible)
        .containsExactly(
            "memory, PROXY_RESETS: there is no socket between the two ends",
            "memory, HALF_CLOSE: a connection without bytes closes as a whole");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  void theSessionGoesOnOverTheOtherPath(Cell cell) {
    String number = String.valueOf(NUMBER.incrementAndGet());
    String client = "matrix-client-" + number;
    String server = "matrix-server-" + number;
    long seed = SEED * 1_000 + NUMBER.get();
    try (TestPath from = path(cell.from(), client, server, seed);
        TestPath to = path(cell.to(), client, server, seed + 500)) {
      run(cell, from, to, client, server);
    }
  }

  private TestPath path(Kind kind, String client, String server, long seed) {
    return TestPath.over(kind.transport(), directory, kind.toString(), client, server, seed);
  }

  private static void run(Cell cell, TestPath from, TestPath to, String client, String server) {
    to.refuse();
    try (Messenger serving = setUp(server).listen(from.listens()).listen(to.listens()).build();
        Messenger calling = setUp(client).build()) {
      new TrafficServer(serving);
      Remote remote = calling.connect(from.dials(), to.dials());
      try (Traffic traffic = new Traffic(remote)) {
        traffic.await(MESSAGES / 3, MESSAGES / 20, MAX_CELL);
        String instance = remote.instance().orElseThrow();
        assertThat(to.connections()).isZero();

        to.admit();
        from.refuse();
        long broken = System.nanoTime();
        cell.fault().happenTo(from);

        Await.until(
            () -> "a connection over " + to.name() + "; " + traffic + "; " + remote.explain(),
            MAX_CELL,
            () -> to.connectedAfter(broken) >= 0);
        Duration detection = Duration.ofNanos(to.connectedAfter(broken) - broken);
        traffic.await(MESSAGES, MESSAGES / 20, MAX_CELL);
        traffic.stop();

        System.out.printf("%s: connected after %d ms; %s%n", cell, detection.toMillis(), traffic);
        assertThat(detection).isLessThan(MAX_DETECTION);
        assertThat(remote.instance()).contains(instance);
        assertThat(from.connections()).isZero();
        assertThat(to.connections()).isEqualTo(1);
      }
    }
  }

  /** Paths of each kind show the peer as somebody else. */
  private static Messenger.Builder setUp(String service) {
    return TestTls.messenger(service);
  }
}
