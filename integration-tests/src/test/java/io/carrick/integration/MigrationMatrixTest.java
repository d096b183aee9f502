package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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
 * From each path by each fault to another one: a stream, a channel, requests and sends go on, and
 * nothing is lost, comes twice or out of order. Not by each fault to each other one: the fault
 * happens to the path that is left, and the session, which knows no transport, begins on the next
 * as on any. More messages a cell: {@code -Dcarrick.matrix.messages=100000}.
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

    boolean isRemote() {
      return bytes() && transport != TestTransport.UNIX;
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

  static List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Kind from : kinds()) {
      boolean remote = true;
      for (PathFault fault : faults(from)) {
        cells.add(new Cell(from, next(cells, from, remote), fault));
        remote = !remote;
      }
    }
    return cells;
  }

  private static List<PathFault> faults(Kind from) {
    return Stream.of(PathFault.values())
        .filter(fault -> fault.impossible(from.bytes()).isEmpty())
        .toList();
  }

  /**
   * Where no session went from here, and fewest have come to, those from its like before others.
   */
  private static Kind next(List<Cell> cells, Kind from, boolean remote) {
    return kinds().stream()
        .filter(to -> !to.equals(from) && to.isRemote() == remote)
        .filter(to -> cells.stream().noneMatch(c -> c.from().equals(from) && c.to().equals(to)))
        .min(
            Comparator.<Kind>comparingLong(
                    to -> taken(cells, to).filter(k -> k.isRemote() == from.isRemote()).count())
                .thenComparingLong(to -> taken(cells, to).count()))
        .orElseThrow();
  }

  private static Stream<Kind> taken(List<Cell> cells, Kind to) {
    return cells.stream().filter(cell -> cell.to().equals(to)).map(Cell::from);
  }

  @Test
  void eachPathIsLeftByEachFaultAndLocalAndRemoteOnesAreOnBothItsSides() {
    List<Cell> cells = cells();
    for (Kind kind : kinds()) {
      List<Cell> left = cells.stream().filter(cell -> cell.from().equals(kind)).toList();
      assertThat(left).extracting(Cell::fault).containsExactlyElementsOf(faults(kind));
      for (List<Kind> others :
          List.of(left.stream().map(Cell::to).toList(), taken(cells, kind).toList())) {
        assertThat(others)
            .as("beside %s", kind)
            .hasSizeGreaterThanOrEqualTo(3)
            .doesNotHaveDuplicates()
            .anyMatch(Kind::isRemote)
            .anyMatch(other -> !other.isRemote());
      }
    }
  }

  @Test
  void faultsThatCannotBeHaveAReason() {
    List<String> impossible =
        kinds().stream()
            .flatMap(
                kind ->
                    Stream.of(PathFault.values())
                        .flatMap(
                            fault ->
                                fault.impossible(kind.bytes()).stream()
                                    .map(why -> kind + ", " + fault + ": " + why)))
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
