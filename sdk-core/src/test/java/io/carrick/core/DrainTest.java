package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that go away while they are called, and nothing but calls keeps their peers. */
@Timeout(60)
class DrainTest {

  private static final int THREADS = 4;
  private static final Duration ENOUGH = Duration.ofSeconds(20);

  private final String[] endpoints = {"memory:" + UUID.randomUUID(), "memory:" + UUID.randomUUID()};

  private static Messenger serve(String endpoint) {
    Messenger server = Messenger.builder("server").listen(endpoint).build();
    server.handle("ask", String.class, text -> endpoint);
    return server;
  }

  @Test
  void noCallIsLostWhoeverDrainsWhenever() throws Exception {
    Messenger[] servers = {serve(endpoints[0]), serve(endpoints[1])};
    AtomicBoolean enough = new AtomicBoolean();
    List<CompletableFuture<Integer>> callers = new ArrayList<>();
    // The JDK's common pool has one thread on two cores: the second caller would never begin.
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoints[0], endpoints[1]);
      for (int i = 0; i < THREADS; i++) {
        callers.add(CompletableFuture.supplyAsync(() -> callUntil(enough, remote), threads));
      }
      for (int i = 0; i < 20; i++) {
        remote.request("ask", "?", String.class).get(20, SECONDS);
        servers[i % 2].drain(ENOUGH).get(25, SECONDS);
        servers[i % 2] = serve(endpoints[i % 2]);
      }
      enough.set(true);
      for (CompletableFuture<Integer> caller : callers) {
        assertThat(caller.get(25, SECONDS)).isPositive();
      }
    } finally {
      threads.shutdownNow();
      servers[0].close();
      servers[1].close();
    }
  }

  private static int callUntil(AtomicBoolean enough, Remote remote) {
    int calls = 0;
    while (!enough.get()) {
      remote.request("ask", "?", String.class).join();
      calls++;
    }
    return calls;
  }

  @Test
  void subscriptionsGoOnAtTheOtherInstance() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Subscriber<String> subscriber =
        new Subscriber<>() {
          @Override
          public void onMessage(String value) {
            seen.add(value);
          }

          @Override
          public void onGap(long missed) {
            seen.add("gap " + missed);
          }
        };
    try (Messenger client = Messenger.builder("client").build();
        Messenger first = serve(endpoints[0]);
        Messenger second = serve(endpoints[1])) {
      Remote remote = client.connect(endpoints[0], endpoints[1]);
      remote.subscribe("news", String.class, subscriber).get(5, SECONDS);
      first.publish("news", "one").get(5, SECONDS);
      assertThat(seen.poll(5, SECONDS)).isEqualTo("one");

      first.drain(ENOUGH).get(25, SECONDS);

      assertThat(seen.poll(20, SECONDS)).isEqualTo("gap -1");
      second.publish("news", "two").get(5, SECONDS);
      assertThat(seen.poll(5, SECONDS)).isEqualTo("two");
    }
  }

  @Test
  void drainEndsWhenItsTimeIsOver() throws Exception {
    try (Messenger client = Messenger.builder("client").build();
        Messenger server = Messenger.builder("server").listen(endpoints[0]).build()) {
      CompletableFuture<Void> called = new CompletableFuture<>();
      server.handleAsync(
          "never",
          String.class,
          (text, call) -> {
            called.complete(null);
            return new CompletableFuture<String>();
          });
      CompletableFuture<String> never =
          client.connect(endpoints[0]).request("never", "?", String.class);
      called.get(5, SECONDS);

      server.drain(Duration.ofMillis(100)).get(20, SECONDS);

      assertThat(never).failsWithin(Duration.ofSeconds(5));
    }
  }
}
