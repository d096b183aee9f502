package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.PeerLimits;
import io.carrick.StatusCode;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A principal that may have one session, over the memory transport. */
@Timeout(60)
class SessionCapTest {

  private static final PeerLimits ONE = PeerLimits.DEFAULT.withSessionsPerPrincipal(1);

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicLong clock = new AtomicLong();
  private final SessionRuntime server =
      new SessionRuntime("server", executor::execute, new Budget(1L << 30), clock::get);
  private final SessionRuntime client =
      new SessionRuntime("client", executor::execute, new Budget(1L << 30), System::nanoTime);
  private final Transport transport =
      new MemoryTransportProvider().create(TransportConfig.of("test"));
  private final Endpoint endpoint = Endpoint.parse("memory:" + UUID.randomUUID());
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

  SessionCapTest() {
    SessionConfig config = config(1).withPeers(ONE);
    transport
        .listen(
            endpoint,
            ListenContext.of(
                c -> Session.accept(c, config, server, new Ends(), session -> {}), new NoCalls()))
        .toCompletableFuture()
        .join();
  }

  private final class Ends implements SessionEvents {
    @Override
    public void opened(Session session, Exchange x) {}

    @Override
    public void ended(Session session, End reason) {
      ends.add(reason.message());
    }
  }

  private static SessionConfig config(int instance) {
    byte[] id = new byte[16];
    id[0] = (byte) instance;
    return SessionConfig.defaults("test", id, List.of("text/plain"), 4 << 20);
  }

  private Connection dial() {
    return transport.connect(endpoint).toCompletableFuture().join();
  }

  private Session open(Connection connection, int instance) {
    return Session.initiate(connection, config(instance), "", client, new Ends()).join();
  }

  private void assertNoRoom() {
    assertThatThrownBy(() -> open(dial(), 3))
        .cause()
        .isInstanceOfSatisfying(
            ConnectException.class,
            e -> assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED))
        .hasMessageContaining("memory:local has 1 sessions with test");
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
    client.close();
    executor.shutdownNow();
  }

  @Test
  void t09_aSessionThatIsResumedIsCountedOnceAndGivesItsPlaceBackWhenItsTimeIsOver()
      throws Exception {
    Session first = open(dial(), 2);
    assertNoRoom();

    Connection second = dial();
    first.resume(second, false).get(10, TimeUnit.SECONDS);
    assertNoRoom();

    first.faults.lose(StatusCode.UNAVAILABLE, "forgotten");
    assertThat(ends.poll(10, TimeUnit.SECONDS)).contains("forgotten");
    second.close(CloseReason.local("killed"));
    assertNoRoom();

    clock.addAndGet(TimeUnit.MINUTES.toNanos(3));
    assertThat(ends.poll(10, TimeUnit.SECONDS)).contains("no connection resumed the session");
    assertThat(open(dial(), 4).isOpen()).isTrue();
  }

  @Test
  void t09_aSessionThatIsClosedGivesItsPlaceBack() throws Exception {
    Session first = open(dial(), 2);
    assertNoRoom();
    first.close("enough").get(10, TimeUnit.SECONDS);
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(open(dial(), 4).isOpen()).isTrue();
  }
}
