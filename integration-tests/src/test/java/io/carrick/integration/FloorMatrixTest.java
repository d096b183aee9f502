package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.SecurityLevel;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A session that began with mutual TLS, whose path breaks, and another path of the same server: it
 * goes there where that gives what the floor says, and waits for the first path otherwise.
 */
@Timeout(60)
final class FloorMatrixTest {

  private static final Duration MAX_WAIT = Duration.ofSeconds(30);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir Path directory;

  record Cell(TestTransport to, SecurityLevel floor, boolean atServer) {

    boolean allowed() {
      SecurityLevel given = to == TestTransport.GRPC ? SecurityLevel.NONE : SecurityLevel.MUTUAL;
      return given.compareTo(floor) >= 0;
    }
  }

  static Stream<Cell> cells() {
    return Stream.of(TestTransport.values())
        .filter(to -> to != TestTransport.GRPCS)
        .flatMap(
            to ->
                Stream.of(SecurityLevel.values())
                    .flatMap(
                        floor -> Stream.of(true, false).map(side -> new Cell(to, floor, side))));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void t02_noSessionGoesBelowItsFloor(Cell cell) {
    int number = NUMBER.incrementAndGet();
    String client = "floor-client-" + number;
    String server = "floor-server-" + number;
    try (TestPath from = TestPath.over(TestTransport.GRPCS, directory, "from", client, server, 1);
        TestPath to = TestPath.over(cell.to(), directory, "to", client, server, 2);
        Messenger serving =
            setUp(server, cell, cell.atServer())
                .listen(from.listens())
                .listen(to.listens())
                .build();
        Messenger calling = setUp(client, cell, !cell.atServer()).build()) {
      new TrafficServer(serving);
      to.refuse();
      Remote remote = calling.connect(from.dials(), to.dials());
      Queue<PathEvent> events = new ConcurrentLinkedQueue<>();
      remote.onPathEvent(events::add);
      try (Traffic traffic = new Traffic(remote)) {
        traffic.await(100, 10, MAX_WAIT);
        String instance = remote.instance().orElseThrow();

        to.admit();
        from.refuse();
        from.clientKills();

        if (cell.allowed()) {
          Await.until("it moved", () -> to.connections() == 1);
        } else {
          Await.until(
              () -> "a refusal in " + events,
              MAX_WAIT,
              () -> events.stream().anyMatch(e -> e.reason().contains("floor")));
          assertThat(remote.explain().chosen()).isNotEqualTo(Optional.of(to.dials()));
          from.admit();
        }
        traffic.await(1_000, 50, MAX_WAIT);
        traffic.stop();
        assertThat(remote.instance()).contains(instance);
      }
    }
  }

  @Test
  void t02_aRaisedFloorHoldsForSessionsThatBeginLater() {
    String client = "floor-client-later";
    String server = "floor-server-later";
    try (TestPath weak = TestPath.over(TestTransport.GRPC, directory, "weak", client, server, 1);
        TestPath strong =
            TestPath.over(TestTransport.UNIX, directory, "strong", client, server, 2);
        Messenger serving =
            TestTls.messenger(server).listen(weak.listens()).listen(strong.listens()).build();
        Messenger calling = TestTls.messenger(client).build()) {
      Remote lone = calling.connect(weak.dials());
      lone.raiseFloor(SecurityLevel.ENCRYPTED);
      assertThatThrownBy(() -> Await.result(lone.connect()))
          .cause()
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("ENCRYPTED is needed");
      assertThat(serving.peers()).isEmpty();

      Remote both = calling.connect(weak.dials(), strong.dials());
      both.raiseFloor(SecurityLevel.ENCRYPTED);
      Await.result(both.connect());
      assertThat(both.explain().chosen()).contains(strong.dials());
      assertThatThrownBy(() -> Await.result(both.move(weak.dials())))
          .cause()
          .isInstanceOf(ConnectException.class);
      assertThat(both.explain().chosen()).contains(strong.dials());
    }
  }

  private static Messenger.Builder setUp(String name, Cell cell, boolean demanding) {
    return TestTls.messenger(name)
        .samePrincipal((session, path) -> true)
        .floor(demanding ? cell.floor() : SecurityLevel.NONE);
  }
}
