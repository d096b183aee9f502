package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.Kind;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session that moves between connections while it is used, over the memory transport. */
@Timeout(60)
class ResumeTest {

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final SessionRuntime runtime =
      new SessionRuntime("test", executor::execute, new Budget(1L << 30), System::nanoTime);
  private final Transport transport =
      new MemoryTransportProvider().create(TransportConfig.of("test"));
  private final Endpoint endpoint = Endpoint.parse("memory:" + UUID.randomUUID());
  private final Endpoint elsewhere = Endpoint.parse("memory:" + UUID.randomUUID());
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> serverEvents = new LinkedBlockingQueue<>();
  private final CompletableFuture<Session> accepted = new CompletableFuture<>();
  private Connection connection;
  private Session client;

  private static SessionConfig config(int instance) {
    byte[] id = new byte[16];
    id[0] = (byte) instance;
    return SessionConfig.defaults("test", id, List.of("text/plain"), 4 << 20);
  }

  private static class Recorded implements SessionEvents {
    private final BlockingQueue<String> events;

    Recorded(BlockingQueue<String> events) {
      this.events = events;
    }

    @Override
    public void opened(Session session, Exchange x) {
      Counter counter = new Counter(session);
      session.exchanges().adopt(x, counter);
      counter.ready(x);
    }

    @Override
    public void suspended(Session session, String reason) {
      events.add("suspended");
    }

    @Override
    public void resumed(Session session, PeerInfo path) {
      events.add("resumed");
    }

    @Override
    public void ended(Session session, End reason) {
      events.add("ended " + reason.message());
    }
  }

  /** Serves a stream of as many numbers as are asked for. */
  private static final class Counter implements ExchangeOwner {
    private final Session session;
    private int left = -1;
    private int next;

    Counter(Session session) {
      this.session = session;
    }

    @Override
    public synchronized void ready(Exchange x) {
      for (InboundMessage m = session.exchanges().poll(x);
          m != null;
          m = session.exchanges().poll(x)) {
        left = ByteBuffer.wrap(m.payload()).getInt();
      }
      for (int n = session.exchanges().supply(x); n > 0 && left > 0; n--) {
        byte[] item = ByteBuffer.allocate(100).putInt(next++).array();
        session.exchanges().send(x, "", Headers.EMPTY, "", item, 0, --left == 0);
      }
    }
  }

  /** Checks that every number comes once and in order. */
  private final class Reader implements ExchangeOwner {
    private final AtomicInteger received = new AtomicInteger();
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private volatile String fault = "";

    @Override
    public synchronized void ready(Exchange x) {
      for (InboundMessage m = client.exchanges().poll(x);
          m != null;
          m = client.exchanges().poll(x)) {
        int number = ByteBuffer.wrap(m.payload()).getInt();
        if (number != received.getAndIncrement()) {
          fault = number + " came as " + received.get();
        }
        client.exchanges().request(x, 1);
      }
      if (x.end() != null) {
        end.complete(x.end());
      }
    }
  }

  @BeforeEach
  void open() {
    listen(endpoint, config(1), runtime);
    connection = dial(endpoint);
    client = Session.initiate(connection, config(2), "", runtime, new Recorded(events)).join();
    accepted.join();
  }

  private void listen(Endpoint at, SessionConfig config, SessionRuntime with) {
    transport
        .listen(
            at,
            ListenContext.of(
                c ->
                    Session.accept(c, config, with, new Recorded(serverEvents), accepted::complete),
                new NoCalls()))
        .toCompletableFuture()
        .join();
  }

  private Connection dial(Endpoint at) {
    return transport.connect(at).toCompletableFuture().join();
  }

  private Reader read(int count) {
    Reader reader = new Reader();
    client
        .exchanges()
        .open(
            new Opening(
                Kind.STREAM,
                "count",
                Headers.EMPTY,
                "",
                ByteBuffer.allocate(4).putInt(count).array(),
                Priority.NORMAL,
                0,
                64,
                OverflowPolicy.FAIL,
                List.of(),
                SecurityLevel.NONE,
                ""),
            reader);
    return reader;
  }

  private void resume() throws Exception {
    connection = dial(endpoint);
    client.resume(connection, false).get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    client.close("the test is over").get(15, TimeUnit.SECONDS);
    transport.close();
    runtime.close();
    executor.shutdownNow();
  }

  @Test
  void aStreamGoesOnWhileTheSessionMovesBackAndForth() throws Exception {
    Reader reader = read(200_000);
    int moves = 0;
    while (!reader.end.isDone()) {
      resume();
      moves++;
    }
    assertThat(reader.fault).isEmpty();
    assertThat(reader.received).hasValue(200_000);
    assertThat(moves).isGreaterThan(10);
    assertThat(events).doesNotContain("suspended").contains("resumed");
  }

  @Test
  void aStreamGoesOnAfterItsConnectionWasKilled() throws Exception {
    Reader reader = read(100_000);
    int kills = 0;
    while (!reader.end.isDone()) {
      connection.close(CloseReason.local("killed"));
      resume();
      kills++;
    }
    assertThat(reader.fault).isEmpty();
    assertThat(reader.received).hasValue(100_000);
    assertThat(kills).isGreaterThan(3);
  }

  @Test
  void aConnectionThatDoesNotDoAnyMoreWhenItIsProvedIsNotTaken() throws Exception {
    Reader reader = read(100_000);
    Connection safe = connection;
    Connection plain = dial(endpoint);
    PeerInfo seen =
        PeerInfo.of("plain")
            .withPrincipal(plain.peer().principal())
            .withBrokered(plain.peer().brokered());

    // PROOF follows at once, so that only RESUMED can find the floor above what this path gives.
    CompletableFuture<Void> moving =
        client.resumeIf(
            new Seen(plain, seen),
            false,
            rtt -> {
              client.raiseFloor(SecurityLevel.MUTUAL);
              return true;
            });

    assertThatThrownBy(() -> moving.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ResumeException.class);
    assertThat(client.path().security()).isEqualTo(safe.peer().security());
    resume();
    assertThat(reader.end.get(30, TimeUnit.SECONDS).cause()).isEqualTo(End.Cause.COMPLETED);
    assertThat(reader.fault).isEmpty();
    assertThat(reader.received).hasValue(100_000);
  }

  @Test
  void callsMadeWhileThereIsNoConnectionGoOverTheNext() throws Exception {
    connection.close(CloseReason.local("killed"));
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("suspended");
    assertThat(client.isAttached()).isFalse();

    Reader reader = read(10);
    resume();

    assertThat(reader.end.get(10, TimeUnit.SECONDS).cause()).isEqualTo(End.Cause.COMPLETED);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("resumed");
  }

  @Test
  void anotherInstanceIsAWrongDoor() {
    try (SessionRuntime other =
        new SessionRuntime("other", executor::execute, new Budget(1L << 30), System::nanoTime)) {
      listen(elsewhere, config(3), other);
      assertThatThrownBy(() -> client.resume(dial(elsewhere), false).get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              ResumeException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(ResumeException.Reason.WRONG_DOOR);
                assertThat(e.instance()).contains("03" + "00".repeat(15));
              });
      assertThat(client.isAttached()).isTrue();
      // Where the endpoint can lead to ours only, it shows that ours is gone.
      assertThatThrownBy(() -> client.resume(dial(elsewhere), true).get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(ResumeException.class);
      assertThat(client.isOpen()).isFalse();
    }
  }

  @Test
  void aSessionThatTheServerForgotEndsByItsRejection() throws Exception {
    accepted.join().faults.lose(io.carrick.StatusCode.UNAVAILABLE, "forgotten");
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("suspended");
    for (int i = 0; i < 3 && client.isOpen(); i++) {
      assertThatThrownBy(() -> client.resume(dial(endpoint), false).get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              ResumeException.class,
              e -> assertThat(e.reason()).isEqualTo(ResumeException.Reason.REJECTED));
    }
    assertThat(events.poll(10, TimeUnit.SECONDS)).contains("does not know the session");
  }
}
