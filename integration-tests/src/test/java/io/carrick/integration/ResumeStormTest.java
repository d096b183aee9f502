package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server with a thousand clients dies, and comes again: they do not all knock at once. Each tries
 * once when its connection breaks, as that may be its own alone, and is refused by a system where
 * nobody listens; what counts is what follows.
 */
@Timeout(180)
final class ResumeStormTest {

  private static final int CLIENTS = 1_000;
  private static final double MAX_SHARE = 0.1;
  private static final Duration AWAY = Duration.ofSeconds(3);

  private final List<Messenger> clients = new ArrayList<>();
  private final List<Remote> remotes = new ArrayList<>();

  @Test
  void theClientsOfAServerThatDiedConnectLittleByLittle() throws Exception {
    String endpoint = FaultyTransports.faulty("memory:" + UUID.randomUUID());
    try (Messenger server = server(endpoint)) {
      connect(endpoint);
      Faults network = Faults.of("storm-client");
      network.refuse(endpoint);
      long died = System.nanoTime();
      network.kill(endpoint);
      long firstOver = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
      new CountDownLatch(1).await(AWAY.toMillis(), TimeUnit.MILLISECONDS);
      network.admit(endpoint);
      Await.until(
          () -> CLIENTS + " sessions; there are " + server.peers().size(),
          Duration.ofSeconds(100),
          () -> network.at(endpoint).size() == CLIENTS);
      Duration recovery = Duration.ofNanos(System.nanoTime() - died);

      List<Long> attempts = network.attemptsAfter(died);
      List<Long> later = attempts.stream().filter(at -> at - firstOver > 0).toList();
      long peak = peak(later);
      System.out.printf(
          "%d clients: %d attempts, at most %d in a second, after the first of each %d;"
              + " all back after %d ms (away for %d)%n",
          CLIENTS, attempts.size(), peak(attempts), peak, recovery.toMillis(), AWAY.toMillis());
      assertThat(peak).isLessThanOrEqualTo((long) (CLIENTS * MAX_SHARE));
      assertThat(server.peers()).hasSize(CLIENTS);
    } finally {
      CompletableFuture.allOf(
              clients.stream()
                  .map(client -> CompletableFuture.runAsync(client::close))
                  .toArray(CompletableFuture[]::new))
          .get(60, TimeUnit.SECONDS);
    }
  }

  private static Messenger server(String endpoint) {
    Messenger server = Messenger.builder("storm-server").listen(endpoint).build();
    server.handle("echo", String.class, text -> text);
    return server;
  }

  private void connect(String endpoint) {
    for (int i = 0; i < CLIENTS; i++) {
      Messenger client = Messenger.builder("storm-client").build();
      clients.add(client);
      Remote remote = client.connect(endpoint);
      remotes.add(remote);
      Await.result(remote.request("echo", "x", String.class));
    }
  }

  /** The most within any second. */
  private static long peak(List<Long> nanos) {
    long peak = 0;
    int first = 0;
    for (int last = 0; last < nanos.size(); last++) {
      while (nanos.get(last) - nanos.get(first) >= TimeUnit.SECONDS.toNanos(1)) {
        first++;
      }
      peak = Math.max(peak, last - first + 1);
    }
    return peak;
  }
}
