package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of a service behind two sockets are replaced, one after the other. */
@Timeout(90)
final class RollingRestartTest {

  private static final int ROUNDS = 3;
  private static final Duration DRAIN = Duration.ofSeconds(10);
  private static final long STREAM_ITEMS = 100;
  private static final int STREAM_MILLIS = 5;

  @TempDir Path directory;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger asking = new AtomicInteger();
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final List<Items<Long>> streams = new CopyOnWriteArrayList<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  @Test
  void noRequestIsDroppedAndNoStreamIsBroken() {
    String[] endpoints = {"unix:" + directory.resolve("a"), "unix:" + directory.resolve("b")};
    Messenger[] instances = {instance(endpoints[0]), instance(endpoints[1])};
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoints[0], endpoints[1]);
      for (int i = 0; i < 4; i++) {
        asking.incrementAndGet();
        ask(remote);
      }
      ScheduledFuture<?> opening =
          clock.scheduleAtFixedRate(
              () -> streams.add(Items.of(remote.stream("count", "", Long.class))),
              0,
              20,
              TimeUnit.MILLISECONDS);
      awaitAnswers();
      for (int i = 0; i < 2 * ROUNDS; i++) {
        CompletableFuture<Void> drained = instances[i % 2].drain(DRAIN);
        awaitAnswers();
        assertThat(drained).succeedsWithin(DRAIN.plusSeconds(5));
        awaitAnswers();
        instances[i % 2] = instance(endpoints[i % 2]);
        awaitAnswers();
      }
      opening.cancel(false);
      for (Items<Long> stream : streams) {
        assertThat(stream.complete()).hasSize((int) STREAM_ITEMS);
      }
      stopped.set(true);
      Await.until("the last answers", () -> asking.get() == 0);
      System.out.printf(
          "%d rolling restarts: %d requests, %d streams%n", ROUNDS, answered.get(), streams.size());
    } finally {
      clock.shutdownNow();
      instances[0].close();
      instances[1].close();
    }
    assertThat(faults).isEmpty();
    assertThat(answered.get()).isEqualTo(served.get());
  }

  private Messenger instance(String endpoint) {
    Messenger instance = Messenger.builder("restarted").listen(endpoint).build();
    instance.handle(
        "ask",
        Long.class,
        n -> {
          served.incrementAndGet();
          return n;
        });
    instance.handleStream(
        "count", String.class, text -> new Ticker(clock, STREAM_MILLIS, STREAM_ITEMS));
    return instance;
  }

  private void ask(Remote remote) {
    if (stopped.get()) {
      asking.decrementAndGet();
      return;
    }
    remote
        .request("ask", 1L, Long.class)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                faults.add(String.valueOf(failure));
              } else {
                answered.incrementAndGet();
                clock.schedule(() -> ask(remote), 1, TimeUnit.MILLISECONDS);
              }
            });
  }

  private void awaitAnswers() {
    int goal = answered.get() + 100;
    Await.until(
        () -> goal + " answers; there are " + answered + ", faults " + faults,
        Duration.ofSeconds(20),
        () -> answered.get() >= goal || !faults.isEmpty());
    assertThat(faults).isEmpty();
  }
}
