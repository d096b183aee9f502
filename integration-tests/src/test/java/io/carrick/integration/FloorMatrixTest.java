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
import java.util.EnumSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A session that began with mutual TLS, whose path breaks, and another path of the same server: it
 * goes there where that gives what the floor says, and waits for the first path otherwise. And who
 * the peer is counted as, over pairs of paths: it may fall to nobody, and never rises.
 */
@Tag("side-by-side")
@Timeout(60)
final class FloorMatrixTest {

  private static final Duration MAX_WAIT = Duration.ofSeconds(30);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir Path directory;

  record Cell(TestTransport to, SecurityLevel floor, boolean atServer) {

    boolean allowed() {
      SecurityLevel given = to.isPlain() ? SecurityLevel.NONE : SecurityLevel.MUTUAL;
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

  /** A session that begins on one path, and another path of the same server. */
  record Pair(TestTransport from, TestTransport to) {

    /** Nobody stays nobody, and the socket of a user is as good as what told who runs here. */
    boolean keepsThePrincipal() {
      return from.isPlain()
          || to == TestTransport.UNIX
          || from.principalKind.equals(to.principalKind);
    }
  }

  /** One for each kind of principal: who a peer counts as depends on no more of its path. */
  private static final Set<TestTransport> KINDS =
      EnumSet.of(TestTransport.MEMORY, TestTransport.UNIX, TestTransport.GRPC, TestTransport.GRPCS);

  /** Those with each other, and each of the rest with the one of its kind and a Unix socket. */
  static Stream<Pair> pairs() {
    return Stream.of(TestTransport.values())
        .flatMap(from -> Stream.of(TestTransport.values()).map(to -> new Pair(from, to)))
        .filter(pair -> pair.from() != pair.to())
        .filter(pair -> isTried(pair.from(), pair.to()) || isTried(pair.to(), pair.from()));
  }

  private static boolean isTried(TestTransport one, TestTransport other) {
    return KINDS.contains(other)
        && (KINDS.contains(one)
            || other == TestTransport.UNIX
            || one.principalKind.equals(other.principalKind));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void t02_rightsNeverRiseByAMoveAndFallForGood(Pair pair) {
    try (Moved session = new Moved(pair, builder -> {})) {
      String began = session.who();
      assertThat(began).startsWith(pair.from().principalKind);

      session.to.admit();
      session.from.refuse();
      session.from.clientKills();
      Await.until("it went on", () -> session.isOn(session.to));

      String since = pair.keepsThePrincipal() ? began : "none:";
      assertThat(session.who()).isEqualTo(since);
      session.from.admit();
      Await.result(session.remote.move(session.from.dials()));
      assertThat(session.who()).isEqualTo(since);
      session.assertTheSame();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void t02_whereTheServiceReliesOnRightsNoMoveChangesThem(Pair pair) {
    try (Moved session =
        new Moved(pair, builder -> builder.authorizer((principal, action, topic) -> true))) {
      String began = session.who();
      session.to.admit();

      CompletableFuture<Void> moved = session.remote.move(session.to.dials());

      if (pair.keepsThePrincipal()) {
        Await.result(moved);
      } else {
        assertThat(Failures.in(moved, ConnectException.class))
            .hasMessageContaining("at floor-server")
            .hasMessageContaining("samePrincipal(...)");
      }
      assertThat(session.isOn(pair.keepsThePrincipal() ? session.to : session.from)).isTrue();
      assertThat(session.who()).isEqualTo(began);
      session.assertTheSame();
      if (!pair.keepsThePrincipal()) {
        session.assertPutAside();
      }
    }
  }

  /** A session on the first path of a pair; the second does not answer yet. */
  private final class Moved implements AutoCloseable {

    final TestPath from;
    final TestPath to;
    final Remote remote;
    private final Pair pair;
    private final Messenger serving;
    private final Messenger calling;
    private final String instance;

    Moved(Pair pair, Consumer<Messenger.Builder> service) {
      this.pair = pair;
      int number = NUMBER.incrementAndGet();
      String client = "floor-client-" + number;
      String server = "floor-server-" + number;
      from = TestPath.over(pair.from(), directory, "from", client, server, 1);
      to = TestPath.over(pair.to(), directory, "to", client, server, 2);
      Messenger.Builder builder = TestTls.messenger(server);
      service.accept(builder);
      serving = builder.listen(from.listens()).listen(to.listens()).build();
      serving.handle("who", String.class, (text, call) -> call.principal().toString());
      calling = TestTls.messenger(client).build();
      to.refuse();
      remote = calling.connect(from.dials(), to.dials());
      Await.result(remote.connect());
      instance = remote.instance().orElseThrow();
    }

    String who() {
      return Await.result(remote.request("who", "", String.class));
    }

    boolean isOn(TestPath path) {
      return remote.explain().chosen().equals(Optional.of(path.dials()));
    }

    void assertTheSame() {
      assertThat(serving.peers()).hasSize(1);
      assertThat(remote.instance()).contains(instance);
    }

    /** Where its path breaks it waits for that one, and new calls begin another session. */
    void assertPutAside() {
      CompletableFuture<Void> begun = new CompletableFuture<>();
      CompletableFuture<String> answer = new CompletableFuture<>();
      serving.handleAsync(
          "held",
          String.class,
          (text, call) -> {
            begun.complete(null);
            return answer;
          });
      CompletableFuture<String> held = remote.request("held", "", String.class);
      Await.result(begun);
      from.refuse();
      from.clientKills();
      Await.until("that is noticed", () -> !isOn(from));

      assertThat(who()).startsWith(pair.to().principalKind);
      answer.complete("late");
      assertThat(held).isNotDone();
      from.admit();
      assertThat(held).succeedsWithin(MAX_WAIT).isEqualTo("late");
    }

    @Override
    public void close() {
      calling.close();
      serving.close();
      from.close();
      to.close();
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
