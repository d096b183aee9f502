package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Explanation;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A session that began on a Unix socket, where the kernel names the peer, and a path of plain gRPC,
 * which shows nobody: it goes on there where neither side relies on who the other is, and the peer
 * is nobody from then on. Where a side relies on it, that is told at once.
 */
@Timeout(60)
final class FallingRightsTest {

  private static final String USER = System.getProperty("user.name");

  @TempDir Path directory;
  private TestPath unix;
  private TestPath grpc;

  /** By what a side can rely on who the other is. */
  enum Reliance {
    AUTHORIZER_OF_THE_SERVICE(true),
    RULE_OF_THE_SERVICE(true),
    AUTHORIZER_OF_THE_CALLER(false),
    RULE_OF_THE_CALLER(false);

    private final boolean atService;

    Reliance(boolean atService) {
      this.atService = atService;
    }

    Messenger.Builder in(Messenger.Builder builder, boolean service) {
      if (service != atService) {
        return builder;
      }
      return name().startsWith("RULE")
          ? builder.samePrincipal((session, path) -> false)
          : builder.authorizer((principal, action, topic) -> true);
    }
  }

  @BeforeEach
  void paths() {
    unix = TestPath.over(TestTransport.UNIX, directory, "unix", "falls-client", "falls-server", 1);
    grpc = TestPath.over(TestTransport.GRPC, directory, "grpc", "falls-client", "falls-server", 2);
  }

  private Messenger serve(Messenger.Builder builder) {
    Messenger server = builder.listen(unix.listens()).listen(grpc.listens()).build();
    server.handle("who", String.class, (text, call) -> call.principal().toString());
    server.handleStream("count", Long.class, Source::numbers);
    return server;
  }

  private static String who(Remote remote) {
    return Await.result(remote.request("who", "", String.class));
  }

  private static Stream<PathEvent> of(Queue<PathEvent> events, PathEvent.What what) {
    return events.stream().filter(e -> e.what() == what);
  }

  @Test
  void whereNobodyReliesOnItTheSessionGoesOnAndThePeerIsNobodyForGood() {
    try (Messenger server = serve(Messenger.builder("falls-server"));
        Messenger client = Messenger.builder("falls-client").build()) {
      Remote remote = client.connect(unix.dials(), grpc.dials());
      Queue<PathEvent> events = new ConcurrentLinkedQueue<>();
      remote.onPathEvent(events::add);
      assertThat(who(remote)).isEqualTo("unix:" + USER);
      String instance = remote.instance().orElseThrow();
      Items<Long> numbers = Items.asking(10);
      remote.stream("count", 1_000L, Long.class).subscribe(numbers);
      numbers.awaitCount(10);

      unix.refuse();
      unix.clientKills();
      Await.until("it went on", () -> remote.explain().chosen().orElse("").equals(grpc.dials()));

      assertThat(who(remote)).isEqualTo("none:");
      unix.admit();
      Await.result(remote.move(unix.dials()));
      assertThat(who(remote)).isEqualTo("none:");
      assertThat(server.peers()).hasSize(1);
      assertThat(remote.instance()).contains(instance);
      numbers.request(Long.MAX_VALUE);
      assertThat(numbers.complete()).hasSize(1_000).doesNotHaveDuplicates();
      Await.until("it is told once", () -> of(events, PathEvent.What.UNIDENTIFIED).count() == 1);
      assertThat(server.peers().get(0).explain().events())
          .anyMatch(e -> e.what() == PathEvent.What.UNIDENTIFIED && e.reason().contains(USER));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereOneReliesOnItThatIsToldAtOnce(Reliance reliance) {
    try (Messenger server = serve(reliance.in(Messenger.builder("falls-server"), true));
        Messenger client = reliance.in(Messenger.builder("falls-client"), false).build()) {
      Remote remote = client.connect(unix.dials(), grpc.dials());

      Await.result(remote.connect());

      String helps =
          reliance.atService
              ? "at falls-server, allow it by samePrincipal(...)"
              : "on which this node relies";
      Explanation explained = remote.explain();
      assertThat(explained.events())
          .anyMatch(
              e ->
                  e.what() == PathEvent.What.REFUSED
                      && e.to().equals(grpc.dials())
                      && e.reason().contains(helps));
      assertThat(explained.candidates())
          .filteredOn(c -> c.endpoint().equals(grpc.dials()))
          .singleElement()
          .satisfies(c -> assertThat(c.reasons().toString()).contains("take over", helps));
      ConnectException refused = Failures.in(remote.move(grpc.dials()), ConnectException.class);
      assertThat(refused).hasMessageContaining(helps);
      assertThat(who(remote)).isEqualTo("unix:" + USER);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereOneReliesOnItNewCallsBeginAnotherSessionAtOnce(Reliance reliance) {
    try (Messenger server = serve(reliance.in(Messenger.builder("falls-server"), true));
        Messenger client = reliance.in(Messenger.builder("falls-client"), false).build()) {
      CompletableFuture<String> held = new CompletableFuture<>();
      CompletableFuture<Void> begun = new CompletableFuture<>();
      server.handleAsync(
          "held",
          String.class,
          (text, call) -> {
            begun.complete(null);
            return held;
          });
      Remote remote = client.connect(unix.dials(), grpc.dials());
      Queue<PathEvent> events = new ConcurrentLinkedQueue<>();
      remote.onPathEvent(events::add);
      CompletableFuture<String> onItsWay = remote.request("held", "x", String.class);
      Await.result(begun);

      unix.refuse();
      unix.clientKills();

      // What was given to the connection before its end was noticed is on its way, too.
      Await.until("that is noticed", () -> remote.explain().chosen().isEmpty());

      assertThat(who(remote)).isEqualTo("none:");
      assertThat(onItsWay).isNotDone();
      assertThat(of(events, PathEvent.What.PUT_ASIDE)).hasSize(1);
      unix.admit();
      held.complete("late");
      assertThat(onItsWay).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("late");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFloorOrANeedHoldsAsBefore(Holding holding) {
    try (Messenger server = serve(holding.atServer(Messenger.builder("falls-server")));
        Messenger client = holding.atClient(Messenger.builder("falls-client")).build()) {
      Remote remote = client.connect(holding.needs(), unix.dials(), grpc.dials());

      Await.result(remote.connect());

      assertThat(Failures.in(remote.move(grpc.dials()), io.carrick.MessagingException.class))
          .hasMessageContaining("NONE");
      assertThat(who(remote)).isEqualTo("unix:" + USER);
    }
  }

  /** What holds a session to paths of a level. */
  enum Holding {
    FLOOR_OF_THE_SERVICE,
    FLOOR_OF_THE_CALLER,
    NEED_OF_THE_CALLER;

    Messenger.Builder atServer(Messenger.Builder builder) {
      return this == FLOOR_OF_THE_SERVICE ? builder.floor(SecurityLevel.MUTUAL) : builder;
    }

    Messenger.Builder atClient(Messenger.Builder builder) {
      return this == FLOOR_OF_THE_CALLER ? builder.floor(SecurityLevel.MUTUAL) : builder;
    }

    Requirements needs() {
      return this == NEED_OF_THE_CALLER
          ? Requirements.security(SecurityLevel.MUTUAL)
          : Requirements.NONE;
    }
  }
}
