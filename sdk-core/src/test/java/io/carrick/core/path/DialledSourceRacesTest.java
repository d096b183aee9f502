package io.carrick.core.path;

import static io.carrick.core.run.Schedules.check;
import static io.carrick.core.run.Schedules.together;

import io.carrick.ConnectException;
import io.carrick.MessagingException;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import io.carrick.core.run.Schedules.Threads;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Who waits for a session that cannot be had is told once, and leaves no place taken, where those
 * who wait, forget and close meet. Threads as they come: a schedule of Lincheck takes too long with
 * the timer and the choice of paths in it.
 */
class DialledSourceRacesTest {

  private static final int ROUNDS = 30;

  private static final Endpoint NOWHERE = Endpoint.parse("nowhere:1");
  private static final Capabilities PATH = Capabilities.of(SecurityLevel.NONE).withCost(10);

  /** A transport that never gives a connection; it says so on a thread of its own. */
  private record Nowhere(Threads threads) implements Transport, TransportProvider {

    @Override
    public Set<String> schemes() {
      return Set.of(NOWHERE.scheme());
    }

    @Override
    public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
      return PATH;
    }

    @Override
    public Transport create(TransportConfig config) {
      return this;
    }

    @Override
    public CompletionStage<Connection> connect(Endpoint endpoint) {
      CompletableFuture<Connection> never = new CompletableFuture<>();
      threads
          .tasks()
          .execute(() -> never.completeExceptionally(new ConnectException("nobody", null)));
      return never;
    }

    @Override
    public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
      throw new UnsupportedOperationException("it only dials");
    }

    @Override
    public void close() {}
  }

  /** A line that finds nobody. */
  private static final class Dialling implements AutoCloseable {

    final Threads threads = new Threads();
    private final Delays delays = new Delays("test");
    final DialledSource line;

    Dialling() {
      ApplicationExecutor tasks = threads.tasks();
      Transports transports =
          new Transports(TransportConfig.of("test"), List.of(new Nowhere(threads)));
      MessengerContext node =
          new MessengerContext(
              tasks,
              delays,
              null,
              null,
              null,
              transports,
              null,
              null,
              Duration.ofSeconds(1),
              (from, to) -> from,
              null);
      line =
          new DialledSource(
              node,
              "",
              new EndpointTable(Map.of(NOWHERE, PATH)),
              Requirements.NONE,
              null,
              new PathEvents(tasks));
    }

    /** All have been told; a call that needs all room finds it. */
    void settle() {
      threads.join();
      Waiting all = new Waiting(DialledSource.MAX_WAITING_BYTES);
      line.await(all);
      threads.join();
      check(all.told.get() == 1, "the last was told " + all.told + " times");
      check(!all.hadNoRoom, "a place was not given back");
    }

    @Override
    public void close() {
      delays.close();
    }
  }

  private static final class Waiting implements SessionSource.Waiter {

    final AtomicInteger told = new AtomicInteger();
    private final int bytes;
    private volatile boolean hadNoRoom;

    Waiting(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean connected(Session session) {
      throw new AssertionError("there is no session");
    }

    @Override
    public void failed(MessagingException reason) {
      hadNoRoom = reason.getMessage().contains("no room");
      told.incrementAndGet();
    }

    @Override
    public int waitingBytes() {
      return bytes;
    }

    @Override
    public long patienceNanos() {
      return 0;
    }

    @Override
    public boolean waitForReady() {
      return false;
    }
  }

  @Test
  void allWhoWaitAreToldOnce() {
    again(
        () -> {
          try (Dialling dialling = new Dialling()) {
            Waiting one = new Waiting(1);
            Waiting two = new Waiting(1);

            together(() -> dialling.line.await(one), () -> dialling.line.await(two));
            dialling.settle();

            check(one.told.get() == 1, "the first was told " + one.told + " times");
            check(two.told.get() == 1, "the second was told " + two.told + " times");
          }
        });
  }

  @Test
  void whoComesWhileTheLineClosesIsToldOnce() {
    again(
        () -> {
          try (Dialling dialling = new Dialling()) {
            Waiting waiting = new Waiting(1);

            together(() -> dialling.line.await(waiting), () -> dialling.line.close("over"));
            dialling.settle();

            check(waiting.told.get() == 1, "it was told " + waiting.told + " times");
          }
        });
  }

  @Test
  void whoForgetsIsToldAtMostOnceAndGivesThePlaceBackOnce() {
    again(
        () -> {
          try (Dialling dialling = new Dialling()) {
            Waiting waiting = new Waiting(1);
            Waiting other = new Waiting(1);

            together(
                () -> {
                  dialling.line.await(waiting);
                  dialling.line.forget(waiting);
                },
                () -> dialling.line.await(other));
            dialling.settle();

            check(waiting.told.get() <= 1, "it was told " + waiting.told + " times");
            check(other.told.get() == 1, "the other was told " + other.told + " times");
          }
        });
  }

  private static void again(Runnable race) {
    for (int i = 0; i < ROUNDS; i++) {
      race.run();
    }
  }
}
