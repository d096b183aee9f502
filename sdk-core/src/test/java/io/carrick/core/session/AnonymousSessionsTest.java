package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.PeerLimits;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.Kind;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.core.session.state.SessionCore;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers without a principal: how many sessions are kept, and which one goes for a newcomer. */
@Timeout(60)
class AnonymousSessionsTest {

  private static final int MOST = 3;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicLong clock = new AtomicLong();
  private final Budget budget = new Budget(1L << 30);
  private final SessionRuntime server =
      new SessionRuntime("server", executor::execute, budget, clock::get);
  private final SessionRuntime client =
      new SessionRuntime("client", executor::execute, new Budget(1L << 30), System::nanoTime);
  private final Transport transport =
      new MemoryTransportProvider().create(TransportConfig.of("test"));
  private final Endpoint endpoint = Endpoint.parse("memory:" + UUID.randomUUID());
  private final Set<String> inside = ConcurrentHashMap.newKeySet();
  private final List<Guest> guests = new ArrayList<>();
  private volatile String address = "10.0.0.1:1";
  private volatile Principal principal = Principal.NONE;

  /** A session as its client sees it, and the connection under it. */
  private record Guest(String name, Session session, Connection connection) {}

  private void listen(PeerLimits limits) {
    transport
        .listen(
            endpoint,
            ListenContext.of(
                c ->
                    Session.accept(
                        new Seen(c, PeerInfo.of(address).withPrincipal(principal)),
                        config(0).withPeers(limits),
                        server,
                        new Kept(),
                        session -> inside.add(session.peer().instance())),
                new NoCalls()))
        .toCompletableFuture()
        .join();
  }

  /** Answers nothing. */
  private final class Kept implements SessionEvents {
    @Override
    public void opened(Session session, Exchange x) {
      session.exchanges().adopt(x, y -> {});
    }

    @Override
    public void ended(Session session, End reason) {
      inside.remove(session.peer().instance());
    }
  }

  private static final class Quiet implements SessionEvents {
    @Override
    public void opened(Session session, Exchange x) {}

    @Override
    public void ended(Session session, End reason) {}
  }

  private static SessionConfig config(int instance) {
    byte[] id = new byte[16];
    id[0] = (byte) instance;
    return SessionConfig.defaults("test", id, List.of("text/plain"), 4 << 20);
  }

  private Guest enter() {
    clock.incrementAndGet();
    int number = guests.size() + 1;
    Connection connection = transport.connect(endpoint).toCompletableFuture().join();
    Session session = Session.initiate(connection, config(number), "", client, new Quiet()).join();
    byte[] id = new byte[16];
    id[0] = (byte) number;
    Guest guest = new Guest(HexFormat.of().formatHex(id), session, connection);
    guests.add(guest);
    return guest;
  }

  private Session atServer(Guest guest) {
    return server.sessions().stream()
        .filter(s -> s.peer().instance().equals(guest.name()))
        .findFirst()
        .orElseThrow();
  }

  private void call(Guest guest) {
    Session there = atServer(guest);
    guest
        .session()
        .exchanges()
        .open(
            new Opening(
                Kind.REQUEST,
                "t",
                Headers.EMPTY,
                "",
                new byte[1],
                Priority.NORMAL,
                0,
                0,
                OverflowPolicy.FAIL,
                List.of(),
                SecurityLevel.NONE,
                ""),
            x -> {});
    Await.until("the call to arrive", () -> there.openExchanges() == 1);
  }

  /** The connection breaks, and nobody comes with another one. */
  private void leaveWaiting(Guest guest) {
    Session there = atServer(guest);
    guest.connection().close(CloseReason.local("cut"));
    Await.until("the session to wait", () -> !there.isAttached());
  }

  private void assertInside(Guest... expected) {
    Set<String> names = ConcurrentHashMap.newKeySet();
    for (Guest guest : expected) {
      names.add(guest.name());
    }
    Await.until(
        () -> "inside are " + names + "; there are " + inside,
        Duration.ofSeconds(10),
        () -> inside.equals(names));
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
    client.close();
    executor.shutdownNow();
  }

  @Test
  void asManyAsTheLimitStayAndOneMoreTakesThePlaceOfTheOldest() {
    listen(PeerLimits.DEFAULT.withSessionsPerAddress(MOST));
    Guest first = enter();
    Guest second = enter();
    Guest third = enter();
    assertInside(first, second, third);

    Guest fourth = enter();

    assertInside(second, third, fourth);
    assertThat(fourth.session().isOpen()).isTrue();
  }

  @Test
  void whoWaitsGoesBeforeWhoIsThereAndWhoIsIdleBeforeWhoHasACall() {
    listen(PeerLimits.DEFAULT.withSessionsPerAddress(4));
    Guest busy = enter();
    Guest busyAndAway = enter();
    Guest idle = enter();
    Guest away = enter();
    call(busy);
    call(busyAndAway);
    leaveWaiting(busyAndAway);
    leaveWaiting(away);

    call(enter());
    assertInside(busy, busyAndAway, idle, guests.get(4));
    call(enter());
    assertInside(busy, busyAndAway, guests.get(4), guests.get(5));
    call(enter());
    assertInside(busy, guests.get(4), guests.get(5), guests.get(6));
  }

  @Test
  void whoWasUsedLastStaysLonger() {
    listen(PeerLimits.DEFAULT.withSessionsPerAddress(2));
    Guest first = enter();
    Guest second = enter();
    clock.incrementAndGet();
    call(first);
    call(second);
    clock.incrementAndGet();

    Guest third = enter();

    assertInside(second, third);
  }

  @Test
  void inAllTheAddressWithMostLosesOne() {
    listen(PeerLimits.DEFAULT.withSessionsWithoutPrincipal(MOST));
    address = "10.0.0.2:1";
    Guest lone = enter();
    address = "10.0.0.1:1";
    Guest one = enter();
    address = "10.0.0.1:2";
    Guest two = enter();
    assertInside(lone, one, two);

    address = "10.0.0.3:1";
    Guest newcomer = enter();

    assertInside(lone, two, newcomer);
  }

  @Test
  void whoHasAPrincipalIsNotCounted() {
    listen(
        PeerLimits.DEFAULT
            .withSessionsPerAddress(1)
            .withSessionsWithoutPrincipal(1)
            .withSessionsPerPrincipal(MOST));
    principal = new Principal("tls", "alice");
    Guest first = enter();
    Guest second = enter();
    principal = Principal.NONE;
    Guest nobody = enter();

    assertInside(first, second, nobody);
  }

  @Test
  void aboveHalfOfTheBudgetThoseThatWaitInVainGo() {
    listen(PeerLimits.DEFAULT);
    Guest busy = enter();
    call(busy);
    leaveWaiting(busy);
    Guest here = enter();
    Guest away = enter();
    Guest awayToo = enter();
    leaveWaiting(away);
    leaveWaiting(awayToo);
    budget.add(budget.limit() / 2);

    Guest newcomer = enter();

    assertInside(busy, here, newcomer);
    budget.add(-budget.limit() / 2);
  }

  @Test
  void aSessionThatDoesNothingCountsInTheBudgetUntilItEnds() throws Exception {
    listen(PeerLimits.DEFAULT);
    Guest guest = enter();
    Await.until("the session", () -> inside.contains(guest.name()));
    assertThat(budget.used()).isGreaterThanOrEqualTo(SessionCore.BASE_BYTES);

    leaveWaiting(guest);
    assertThat(budget.used()).isGreaterThanOrEqualTo(SessionCore.BASE_BYTES);

    clock.addAndGet(TimeUnit.MINUTES.toNanos(3));
    assertInside();
    Await.until("nothing to be counted", () -> budget.used() == 0);
  }

  @Test
  void allPortsOfAHostAreOnePeerWhereTheBudgetIsPassed() {
    listen(PeerLimits.DEFAULT);
    address = "10.0.0.2:1";
    Guest large = enter();
    call(large);
    List<Guest> small = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      address = "10.0.0.1:" + (i + 1);
      small.add(enter());
    }
    Await.until("all", () -> inside.size() == 6);

    long over = budget.limit() - budget.used() + 2 * SessionCore.BASE_BYTES;
    budget.add(over);

    Await.until(
        () -> "relief; inside are " + inside.size() + ", used " + budget.used(),
        Duration.ofSeconds(10),
        () -> budget.used() <= budget.limit() && inside.size() <= 4);
    budget.add(-over);
    assertThat(inside).contains(large.name());
    assertThat(inside.size()).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.7:41000, 10.0.0.7",
    "10.0.0.7:1, 10.0.0.7",
    "10.0.0.7, 10.0.0.7",
    "0:0:0:0:0:0:0:1:41000, 0:0:0:0",
    "2001:db8:0:7:1:2:3:4:443, 2001:db8:0:7",
    "grpc+unix, grpc+unix",
    "unix:/run/a.sock, unix:/run/a.sock",
    "a:, a:",
    ":1, :1",
    "'', ''"
  })
  void anAddressIsAHostAndOfIpv6ANetwork(String whole, String host) {
    assertThat(AnonymousSessions.host(whole)).isEqualTo(host);
  }
}
