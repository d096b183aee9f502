package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TransportLifecycleTest {

  private static final Endpoint HERE = Endpoint.parse("test:here");
  private static final CloseReason CLOSED = CloseReason.local("the transport was closed");

  private final TransportLifecycle open = new TransportLifecycle("test", Duration.ofSeconds(20));
  private final AtomicReference<CompletableFuture<Connection>> attempt = new AtomicReference<>();
  private final ManualLoop loop = new ManualLoop();
  private final RecordingChannel channel = new RecordingChannel();
  private final QueuedConnection connection =
      new QueuedConnection(loop, channel, QueuedConnectionTest.PEER);

  private static final class Bound implements Listener {

    final AtomicInteger closes = new AtomicInteger();

    @Override
    public Endpoint endpoint() {
      return HERE;
    }

    @Override
    public void close() {
      closes.incrementAndGet();
    }
  }

  @Test
  void aConnectionIsHandedOverAndClosedWithTheTransport() {
    CompletionStage<Connection> result = open.connect(HERE, a -> a.complete(connection));
    assertThat(Await.result(result)).isSameAs(connection);

    open.close(true, () -> {});
    loop.run();

    assertThat(channel.end).isEqualTo(CLOSED);
  }

  @Test
  void whatALibraryFailsWithIsNamedWithTheEndpoint() {
    assertThat(failure(open.connect(HERE, a -> a.completeExceptionally(new IOException("x")))))
        .isInstanceOf(ConnectException.class)
        .hasMessage(
            "cannot connect to test:here: java.io.IOException: x; start the service there, or check"
                + " the endpoint");
    assertThat(
            failure(
                open.connect(
                    HERE,
                    a -> {
                      throw new IllegalStateException("x");
                    })))
        .isInstanceOf(ConnectException.class);
    EndpointException known = new EndpointException(StatusCode.INVALID_ARGUMENT, "x", null);
    assertThat(failure(open.connect(HERE, a -> a.completeExceptionally(known)))).isSameAs(known);
  }

  @Test
  void aConnectThatTakesTooLongFailsAndIsReleased() {
    TransportLifecycle hasty = new TransportLifecycle("test", Duration.ofMillis(50));

    assertThat(failure(hasty.connect(HERE, attempt::set)))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("cannot connect to test:here: no answer within 50 ms");
    assertThat(attempt.get()).isDone();
  }

  @Test
  void aCancelledConnectIsReleased() {
    open.connect(HERE, attempt::set).toCompletableFuture().cancel(false);

    assertThat(attempt.get()).isCancelled();
    assertThat(attempt.get().complete(connection)).isFalse();
  }

  @Test
  void nothingIsOpenedOnceItIsClosed() {
    open.close(false, () -> {});

    assertThat(failure(open.connect(HERE, attempt::set)))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("its transport is closed");
    assertThat(failure(open.listen(HERE, Runnable::run, Bound::new)))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("cannot listen on test:here: its transport is closed");
    assertThat(attempt).hasValue(null);
  }

  @Test
  void aCloseEndsConnectsThatAreUnderWay() {
    CompletionStage<Connection> result = open.connect(HERE, attempt::set);
    open.close(false, () -> {});

    assertThat(failure(result))
        .isInstanceOf(ConnectException.class)
        .hasMessage("cannot connect to test:here: its transport is closed; create another one");
    assertThat(attempt.get()).isDone();
  }

  @Test
  void aListenerIsClosedWithTheTransportUnlessItWasBefore() {
    Bound first = new Bound();
    Bound second = new Bound();
    assertThat(Await.result(open.listen(HERE, Runnable::run, () -> first))).isSameAs(first);
    Await.result(open.listen(HERE, Runnable::run, () -> second));
    open.forget(second);

    open.close(false, () -> {});
    open.close(false, () -> {});

    assertThat(first.closes).hasValue(1);
    assertThat(second.closes).hasValue(0);
  }

  @Test
  void aListenerThatIsBoundWhileTheTransportClosesIsClosed() {
    Bound late = new Bound();
    CompletionStage<Listener> result =
        open.listen(
            HERE,
            Runnable::run,
            () -> {
              open.close(false, () -> {});
              return late;
            });

    assertThat(failure(result)).isInstanceOf(EndpointException.class);
    assertThat(late.closes).hasValue(1);
  }

  @Test
  void whatBindingFailsWithIsNamedWithTheEndpoint() {
    assertThat(
            failure(
                open.listen(
                    HERE,
                    Runnable::run,
                    () -> {
                      throw new IOException("in use");
                    })))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("cannot listen on test:here: java.io.IOException: in use; stop what");
  }

  @Test
  void anAcceptorThatThrowsLosesItsConnection() {
    open.accept(
        connection,
        accepted -> {
          throw new IllegalStateException("of the test");
        });
    loop.run();

    assertThat(channel.end).isNotNull();
    assertThat(channel.end.detail()).contains("the acceptor failed", "of the test");
  }

  @Test
  void whoIsAcceptedByAClosedTransportIsClosed() {
    open.close(false, () -> {});
    AtomicReference<Connection> seen = new AtomicReference<>();
    open.accept(connection, seen::set);
    loop.run();

    assertThat(seen).hasValue(null);
    assertThat(channel.end).isNotNull();
  }

  @Test
  void aCloseWaitsUntilConnectionsAreForgotten() throws Exception {
    open.accept(connection, accepted -> {});
    CountDownLatch stopped = new CountDownLatch(1);
    Thread closer = new Thread(() -> open.close(false, stopped::countDown));
    closer.start();
    Await.until("it is closed", () -> loop.waiting() > 0);
    assertThat(stopped.getCount()).isEqualTo(1);

    open.forget(connection);

    assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
    closer.join(10_000);
  }

  @Test
  void onAThreadOfTheTransportACloseOnlyStarts() throws Exception {
    open.accept(connection, accepted -> {});
    CountDownLatch stopped = new CountDownLatch(1);
    AtomicReference<String> closer = new AtomicReference<>();
    open.close(
        true,
        () -> {
          closer.set(Thread.currentThread().getName());
          stopped.countDown();
        });
    open.forget(connection);

    assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(closer).hasValue("test-close");
  }

  private static Throwable failure(CompletionStage<?> stage) {
    return Await.failure(stage, Await.LONG_ENOUGH);
  }
}
