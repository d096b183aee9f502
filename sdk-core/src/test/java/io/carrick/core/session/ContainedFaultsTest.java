package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Whatever is thrown ends what it belongs to, and nothing else hangs. */
@Timeout(60)
class ContainedFaultsTest {

  private static final long DEADLINE_NANOS = 2_000_000_000L;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final SessionRuntime runtime =
      new SessionRuntime("test", executor::execute, new Budget(1L << 30), System::nanoTime);
  private final Transport transport =
      new MemoryTransportProvider().create(TransportConfig.of("test"));
  private final Endpoint endpoint = Endpoint.parse("memory:" + UUID.randomUUID());
  private final CompletableFuture<Session> accepted = new CompletableFuture<>();
  private final CompletableFuture<End> serverEnd = new CompletableFuture<>();
  private final CompletableFuture<End> clientEnd = new CompletableFuture<>();
  private final CompletableFuture<String> suspended = new CompletableFuture<>();
  private final AtomicReference<Supplier<@Nullable Throwable>> ofEvents =
      new AtomicReference<>(() -> null);
  private Throwing connection;
  private Session client;
  private Session server;

  /** A connection that throws, as one may that has no memory for its buffer. */
  private static final class Throwing implements Connection {
    private final Connection to;
    private final AtomicReference<Throwable> ofSend = new AtomicReference<>();
    private final AtomicReference<Throwable> ofFlush = new AtomicReference<>();
    private final AtomicReference<Throwable> ofClose = new AtomicReference<>();
    private final AtomicReference<@Nullable CountDownLatch> stopped = new AtomicReference<>();
    private final CountDownLatch isStopped = new CountDownLatch(1);

    Throwing(Connection to) {
      this.to = to;
    }

    @Override
    public boolean send(ByteBuffer frame) {
      CountDownLatch until = stopped.getAndSet(null);
      if (until != null) {
        isStopped.countDown();
        await(until);
      }
      sneak(ofSend.getAndSet(null));
      return to.send(frame);
    }

    @Override
    public void flush() {
      sneak(ofFlush.getAndSet(null));
      to.flush();
    }

    @Override
    public void receive(Receiver receiver) {
      to.receive(receiver);
    }

    @Override
    public void close(CloseReason reason) {
      to.close(reason);
      sneak(ofClose.getAndSet(null));
    }

    @Override
    public PeerInfo peer() {
      return to.peer();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void sneak(@Nullable Throwable t) {
    if (t instanceof Error e) {
      throw e;
    } else if (t instanceof RuntimeException e) {
      throw e;
    }
  }

  private static SessionConfig config() {
    return SessionConfig.defaults("test", new byte[16], List.of("text/plain"), 4 << 20);
  }

  private final SessionEvents echo =
      new SessionEvents() {
        @Override
        public void opened(Session session, Exchange x) {
          session.exchanges().adopt(x, y -> {});
          InboundMessage m = session.exchanges().poll(x);
          if (m != null && !x.incoming().topic().equals("stuck")) {
            session.exchanges().send(x, "", Headers.EMPTY, "", m.payload(), 0, true);
          }
        }

        @Override
        public void ended(Session session, End reason) {
          serverEnd.complete(reason);
        }
      };

  private final SessionEvents calling =
      new SessionEvents() {
        @Override
        public void opened(Session session, Exchange x) {}

        @Override
        public void suspended(Session session, String reason) {
          suspended.complete(reason);
          sneak(ofEvents.get().get());
        }

        @Override
        public void ended(Session session, End reason) {
          clientEnd.complete(reason);
          sneak(ofEvents.get().get());
        }
      };

  @BeforeEach
  void open() {
    begin(config());
  }

  private void begin(SessionConfig config) {
    transport
        .listen(
            endpoint,
            ListenContext.of(
                c -> Session.accept(c, config(), runtime, echo, accepted::complete), new NoCalls()))
        .toCompletableFuture()
        .join();
    connection = new Throwing(dial());
    client = Session.initiate(connection, config, "", runtime, calling).join();
    server = accepted.join();
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }

  private Connection dial() {
    return transport.connect(endpoint).toCompletableFuture().join();
  }

  @AfterEach
  void close() {
    transport.close();
    runtime.close();
    executor.shutdownNow();
  }

  private CompletableFuture<End> call(String topic, @Nullable Throwable ofOwner) {
    CompletableFuture<End> ended = new CompletableFuture<>();
    AtomicBoolean thrown = new AtomicBoolean();
    Opening opening =
        new Opening(
            Kind.REQUEST,
            topic,
            Headers.EMPTY,
            "",
            new byte[] {1},
            Priority.NORMAL,
            DEADLINE_NANOS,
            0,
            OverflowPolicy.FAIL,
            List.of(),
            SecurityLevel.NONE,
            "");
    client
        .exchanges()
        .open(
            opening,
            x -> {
              client.exchanges().poll(x);
              if (ofOwner != null && !thrown.getAndSet(true)) {
                sneak(ofOwner);
              }
              End end = x.end();
              if (end != null) {
                ended.complete(end);
              }
            });
    return ended;
  }

  private End.Cause ask(String topic) {
    return call(topic, null).orTimeout(10, TimeUnit.SECONDS).join().cause();
  }

  private void resume() throws Exception {
    client.resume(dial(), false).get(10, TimeUnit.SECONDS);
  }

  @Test
  void aSendThatThrowsBreaksItsConnectionAndNotTheSession() throws Exception {
    connection.ofSend.set(new OutOfMemoryError("Cannot reserve direct buffer memory"));
    CompletableFuture<End> during = call("echo", null);

    assertThat(suspended.get(10, TimeUnit.SECONDS))
        .contains("failed to send")
        .contains("Cannot reserve");
    resume();
    assertThat(during.get(10, TimeUnit.SECONDS).cause()).isEqualTo(End.Cause.COMPLETED);
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }

  @Test
  void aFlushThatThrowsBreaksItsConnectionAndNotTheSession() throws Exception {
    connection.ofFlush.set(new IllegalStateException("a fault of the transport"));
    CompletableFuture<End> during = call("echo", null);

    assertThat(suspended.get(10, TimeUnit.SECONDS)).contains("a fault of the transport");
    resume();
    assertThat(during.get(10, TimeUnit.SECONDS).cause()).isEqualTo(End.Cause.COMPLETED);
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }

  @Test
  void aCloseThatThrowsHindersNothing() throws Exception {
    connection.ofClose.set(new IllegalStateException("close failed"));
    resume();

    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }

  @Test
  void aListenerThatThrowsHindersNoneOfTheNext() throws Exception {
    ofEvents.set(() -> new NoClassDefFoundError("a listener"));
    connection.close(CloseReason.local("the test breaks it"));
    suspended.get(10, TimeUnit.SECONDS);
    resume();
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);

    client.close("done").get(10, TimeUnit.SECONDS);
    assertThat(clientEnd).isCompleted();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void anOwnerThatThrowsLosesItsExchangeAlone() throws Exception {
    CompletableFuture<End> other = call("stuck", null);
    call("echo", new NoClassDefFoundError("an owner"));

    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
    assertThat(other.get(10, TimeUnit.SECONDS).cause()).isEqualTo(End.Cause.EXPIRED);
  }

  @Test
  void aRuleThatThrowsAllowsNothingAndHoldsNothing() throws Exception {
    Resumption rules = config().resumption();
    Resumption throwing =
        new Resumption(
            rules.nanos(),
            rules.spreadNanos(),
            rules.floor(),
            rules.endpoints(),
            (one, other) -> {
              assertThat(client.section.lock.isHeldByCurrentThread()).isFalse();
              throw new NoClassDefFoundError("a rule");
            },
            false);
    PeerInfo elsewhere =
        PeerInfo.of("elsewhere")
            .withPrincipal(new Principal("x", "somebody"))
            .withSecurity(SecurityLevel.ENCRYPTED);

    String refused =
        PathRules.judge(new Principal("x", "me"), SecurityLevel.NONE, elsewhere, throwing)
            .refusal();

    assertThat(refused).contains("elsewhere").contains("samePrincipal(…) failed");
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }

  @Test
  void aStepThatThrowsEndsTheSessionAndLeavesTheSection() throws Exception {
    CompletableFuture<End> stuck = call("stuck", null);
    client.section.turn(
        () -> {
          throw new OutOfMemoryError("a step");
        });

    assertThat(client.section.lock.isLocked()).isFalse();
    End end = stuck.get(10, TimeUnit.SECONDS);
    assertThat(end.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(end.message()).contains("OutOfMemoryError: a step");
    assertThat(clientEnd.get(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(serverEnd.get(10, TimeUnit.SECONDS).message()).contains("out of memory");
  }

  @Test
  void anEndThatComesDuringAWriteIsStillTold() throws Exception {
    CountDownLatch goesOn = new CountDownLatch(1);
    connection.stopped.set(goesOn);
    executor.execute(() -> call("stuck", null));
    await(connection.isStopped);
    client.abort(StatusCode.RESOURCE_EXHAUSTED, "raise bufferBudget");
    goesOn.countDown();

    assertThat(serverEnd.get(10, TimeUnit.SECONDS).message()).contains("raise bufferBudget");
    assertThat(clientEnd.get(10, TimeUnit.SECONDS).code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void theTimerWaitsForNoSessionThatSomebodyHolds() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<End> expires = call("stuck", null);
    executor.execute(
        () ->
            server.section.turn(
                () -> {
                  held.countDown();
                  await(release);
                }));
    await(held);
    // Of another session with the same timer.
    assertThat(expires.get(10, TimeUnit.SECONDS).cause()).isEqualTo(End.Cause.EXPIRED);
    release.countDown();
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void theTimerWaitsForNoOwnerAndSurvivesOneThatThrows() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    Opening opening =
        new Opening(
            Kind.REQUEST,
            "stuck",
            Headers.EMPTY,
            "",
            new byte[] {1},
            Priority.NORMAL,
            50_000_000L,
            0,
            OverflowPolicy.FAIL,
            List.of(),
            SecurityLevel.NONE,
            "");
    client
        .exchanges()
        .open(
            opening,
            x -> {
              if (x.end() != null) {
                told.countDown();
                await(release);
                throw new OutOfMemoryError("unable to create native thread");
              }
            });
    await(told);

    assertThat(ask("stuck")).isEqualTo(End.Cause.EXPIRED);
    release.countDown();
    assertThat(ask("stuck")).isEqualTo(End.Cause.EXPIRED);
    assertThat(ask("echo")).isEqualTo(End.Cause.COMPLETED);
  }
}
