package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The driver with real threads, over the memory transport. */
@Timeout(60)
class SessionTest {

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final Budget budget = new Budget(1L << 30);
  private final SessionRuntime runtime =
      new SessionRuntime("test", executor::execute, budget, System::nanoTime);
  private final Transport transport =
      new MemoryTransportProvider().create(TransportConfig.of("test"));
  private final Endpoint endpoint = Endpoint.parse("memory:" + UUID.randomUUID());
  private final SessionConfig config =
      SessionConfig.defaults("test", new byte[16], List.of("text/plain"), 4 << 20);
  private final CompletableFuture<Session> accepted = new CompletableFuture<>();
  private final CompletableFuture<End> clientEnd = new CompletableFuture<>();
  private final CompletableFuture<End> serverEnd = new CompletableFuture<>();
  private Session client;
  private Session server;

  /** Echoes requests, counts to the number in the query for streams. */
  private final SessionEvents serving =
      new SessionEvents() {
        @Override
        public void opened(Session session, Exchange x) {
          ExchangeOwner owner = new Echo(session);
          session.exchanges().adopt(x, owner);
          owner.ready(x);
        }

        @Override
        public void ended(Session session, End reason) {
          serverEnd.complete(reason);
        }
      };

  private static final class Echo implements ExchangeOwner {
    private final Session session;
    private int left = -1;

    Echo(Session session) {
      this.session = session;
    }

    @Override
    public synchronized void ready(Exchange x) {
      for (InboundMessage m = session.exchanges().poll(x);
          m != null;
          m = session.exchanges().poll(x)) {
        if (x.incoming().topic().equals("stuck")) {
          return;
        }
        if (x.incoming().kind() == Kind.REQUEST) {
          session.exchanges().send(x, "", Headers.EMPTY, "", m.payload(), 0, true);
        } else if (x.incoming().kind() == Kind.STREAM) {
          left = ByteBuffer.wrap(m.payload()).getInt();
        } else {
          session.exchanges().finish(x);
        }
      }
      if (x.incoming().kind() == Kind.STREAM && x.end() == null && left >= 0) {
        for (int n = session.exchanges().supply(x); n > 0 && left > 0; n--) {
          byte[] item = new byte[1024];
          ByteBuffer.wrap(item).putInt(left--);
          session.exchanges().send(x, "", Headers.EMPTY, "", item, 0, false);
        }
        if (left == 0) {
          left = -1;
          session.exchanges().finish(x);
        }
      }
    }
  }

  @BeforeEach
  void open() {
    transport
        .listen(
            endpoint,
            ListenContext.of(
                c -> Session.accept(c, config, runtime, serving, accepted::complete),
                new NoCalls()))
        .toCompletableFuture()
        .join();
    client = connect("");
    server = accepted.join();
  }

  private Session connect(String expected) {
    Connection connection = transport.connect(endpoint).toCompletableFuture().join();
    return Session.initiate(
            connection,
            config,
            expected,
            runtime,
            new SessionEvents() {
              @Override
              public void opened(Session session, Exchange x) {
                session.exchanges().adopt(x, y -> session.exchanges().poll(y));
                session.exchanges().fail(x, StatusCode.UNIMPLEMENTED, "no handler", Map.of(), true);
              }

              @Override
              public void ended(Session session, End reason) {
                clientEnd.complete(reason);
              }
            })
        .join();
  }

  @AfterEach
  void close() {
    transport.close();
    runtime.close();
    executor.shutdownNow();
  }

  private static Opening opening(Kind kind, String topic, byte[] payload, long timeout, long n) {
    return new Opening(
        kind,
        topic,
        Headers.EMPTY,
        "",
        payload,
        Priority.NORMAL,
        timeout,
        n,
        OverflowPolicy.FAIL,
        List.of(),
        SecurityLevel.NONE,
        "");
  }

  private CompletableFuture<byte[]> request(String topic, byte[] payload, long timeout) {
    CompletableFuture<byte[]> reply = new CompletableFuture<>();
    AtomicReference<byte[]> body = new AtomicReference<>();
    client
        .exchanges()
        .open(
            opening(Kind.REQUEST, topic, payload, timeout, 0),
            x -> {
              for (InboundMessage m = client.exchanges().poll(x);
                  m != null;
                  m = client.exchanges().poll(x)) {
                body.set(m.payload());
              }
              End end = x.end();
              if (end != null && end.cause() == End.Cause.COMPLETED) {
                reply.complete(body.get());
              } else if (end != null) {
                reply.completeExceptionally(new IllegalStateException(end.toString()));
              }
            });
    return reply;
  }

  @Test
  void manyThreadsGetTheirOwnReplies() throws Exception {
    int threads = 8;
    int calls = 2_000;
    CountDownLatch done = new CountDownLatch(threads);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      executor.execute(
          () -> {
            try {
              for (int i = 0; i < calls; i++) {
                byte[] payload = ByteBuffer.allocate(8).putInt(thread).putInt(i).array();
                assertThat(request("echo", payload, 0).get(20, TimeUnit.SECONDS))
                    .isEqualTo(payload);
              }
            } catch (Throwable e) {
              failure.compareAndSet(null, e);
            } finally {
              done.countDown();
            }
          });
    }

    assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).isNull();
    assertThat(client.openExchanges()).isZero();
  }

  @Test
  void aLongMessageComesBackWhole() {
    byte[] payload = new byte[3 << 20];
    payload[payload.length - 1] = 7;

    assertThat(request("echo", payload, 0).orTimeout(20, TimeUnit.SECONDS).join())
        .isEqualTo(payload);
  }

  @Test
  void aMessageLargerThanThePeerTakesIsRefusedHere() {
    assertThatThrownBy(() -> request("echo", new byte[5 << 20], 0))
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining("5242880 bytes exceeds the 4194304");
  }

  @Test
  void aStreamArrivesInOrderWhileRequestsPass() throws Exception {
    int items = 50_000;
    AtomicLong next = new AtomicLong(items);
    CompletableFuture<Void> end = new CompletableFuture<>();
    client
        .exchanges()
        .open(
            opening(
                Kind.STREAM,
                "count",
                ByteBuffer.allocate(4).putInt(items).array(),
                0,
                Long.MAX_VALUE),
            x -> {
              synchronized (next) {
                for (InboundMessage m = client.exchanges().poll(x);
                    m != null;
                    m = client.exchanges().poll(x)) {
                  if (ByteBuffer.wrap(m.payload()).getInt() != next.getAndDecrement()) {
                    end.completeExceptionally(new AssertionError("out of order at " + next));
                  }
                }
              }
              if (x.end() != null) {
                end.complete(null);
              }
            });
    for (int i = 0; i < 200; i++) {
      request("echo", new byte[10], 0).get(10, TimeUnit.SECONDS);
    }

    end.get(30, TimeUnit.SECONDS);
    assertThat(next).hasValue(0);
  }

  @Test
  void aDeadlineEndsACallThatIsNotAnswered() {
    assertThatThrownBy(() -> request("stuck", new byte[1], 80_000_000L).get(10, TimeUnit.SECONDS))
        .hasMessageContaining("EXPIRED")
        .hasMessageContaining("MAYBE");
  }

  @Test
  void closeWaitsForOpenCallsAndThenEndsBothSides() throws Exception {
    List<CompletableFuture<byte[]>> replies = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      replies.add(request("echo", new byte[100_000], 0));
    }

    client.close("done").get(10, TimeUnit.SECONDS);

    assertThat(replies).allMatch(r -> r.isDone() && !r.isCompletedExceptionally());
    assertThat(clientEnd.get(5, TimeUnit.SECONDS).code()).isEqualTo(StatusCode.OK);
    assertThat(serverEnd.get(5, TimeUnit.SECONDS).code()).isEqualTo(StatusCode.OK);
    assertThatThrownBy(() -> request("echo", new byte[1], 0))
        .isInstanceOf(SessionLostException.class);
    assertThat(budget.used()).isZero();
  }

  @Test
  void aBrokenConnectionEndsEveryExchangeTruthfully() {
    CompletableFuture<byte[]> stuck = request("stuck", new byte[1], 0);
    server.abort(StatusCode.UNAVAILABLE, "the test breaks it");

    assertThatThrownBy(() -> stuck.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("SESSION_LOST")
        .hasMessageContaining("MAYBE");
  }

  @Test
  void anotherServiceThanExpectedIsRefused() {
    assertThatThrownBy(() -> connect("billing"))
        .hasCauseInstanceOf(ConnectException.class)
        .hasMessageContaining("\"billing\" was expected, and this is \"test\"")
        .hasMessageEndingWith("correct the endpoint or the name");
  }

  @Test
  void callersWaitForRoomAndCarrickThreadsAreRefused() throws Exception {
    Map<Integer, CompletableFuture<byte[]>> stuck = new ConcurrentHashMap<>();
    int most = 64 + 1024;
    for (int i = 0; i < most; i++) {
      stuck.put(i, request("stuck", new byte[1], 0));
    }
    AtomicReference<Throwable> refused = new AtomicReference<>();
    Thread carrick =
        new Thread(
            () ->
                CarrickThreads.asHandler(
                    () -> {
                      try {
                        for (int i = 0; i < 2_000; i++) {
                          request("stuck", new byte[1], 0);
                        }
                      } catch (Throwable t) {
                        refused.set(t);
                      }
                    }));
    carrick.start();
    carrick.join(10_000);

    assertThat(refused.get())
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining("wait for test");
    server.abort(StatusCode.UNAVAILABLE, "enough");
  }

  @Test
  void aSessionIsEndedWhenTheBudgetIsPassed() throws Exception {
    for (int i = 0; i < 40; i++) {
      request("stuck", new byte[60_000], 0);
    }
    budget.add(budget.limit());

    End atServer = serverEnd.get(10, TimeUnit.SECONDS);
    End atClient = clientEnd.get(10, TimeUnit.SECONDS);

    // Either side may hold most; the other one sees a broken connection, and mostly the reason.
    assertThat(List.of(atServer, atClient))
        .anySatisfy(
            end -> {
              assertThat(end.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
              assertThat(end.message()).contains("raise bufferBudget");
            });
  }

  @Test
  void callsEndWithTheRuleThatThePeerBroke() {
    CompletableFuture<byte[]> stuck = request("stuck", new byte[1], 0);
    client.faults.violated("the test says so");

    assertThatThrownBy(() -> stuck.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("code=INTERNAL")
        .hasMessageContaining("test broke the protocol: the test says so");
    assertThat(serverEnd.orTimeout(10, TimeUnit.SECONDS).join().message())
        .contains("the test says so");
  }
}
