package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
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
 * A server with a thousand clients dies, and comes again: in no second does more than a tenth of
 * them connect, from the first moment on.
 */
@Timeout(240)
final class ResumeStormTest {

  private static final int CLIENTS = 1_000;
  private static final double MAX_SHARE = 0.1;
  private static final Duration AWAY = Duration.ofSeconds(3);
  private static final Duration MAX_RECOVERY = Duration.ofSeconds(100);

  private final List<Messenger> clients = new ArrayList<>();
  private final List<Remote> remotes = new ArrayList<>();

  @Test
  void theClientsOfAServerThatIsAwayResumeLittleByLittle() throws Exception {
    String endpoint = FaultyTransports.faulty("memory:" + UUID.randomUUID());
    Faults network = Faults.of("storm-client-1");
    try (Messenger server = server(endpoint)) {
      connect("storm-client-1", endpoint);
      long died = die(network, endpoint);
      away(died);
      network.admit(endpoint);
      allAnswer("all resumed", network, endpoint, died);
      assertThat(server.peers()).hasSize(CLIENTS);
    } finally {
      close();
    }
  }

  @Test
  void theClientsOfAServerThatBeginsAgainConnectLittleByLittle() throws Exception {
    String endpoint = FaultyTransports.faulty("memory:" + UUID.randomUUID());
    Faults network = Faults.of("storm-client-2");
    Messenger first = server(endpoint);
    connect("storm-client-2", endpoint);
    long died = die(network, endpoint);
    first.close();
    try (Messenger second = server(endpoint)) {
      away(died);
      network.admit(endpoint);
      allAnswer("all have a new session", network, endpoint, died);
      assertThat(second.peers()).hasSize(CLIENTS);
    } finally {
      close();
    }
  }

  private static long die(Faults network, String endpoint) {
    network.refuse(endpoint);
    long died = System.nanoTime();
    network.kill(endpoint);
    return died;
  }

  private static void away(long died) throws InterruptedException {
    long left = died + AWAY.toNanos() - System.nanoTime();
    new CountDownLatch(1).await(left, TimeUnit.NANOSECONDS);
  }

  /** Each client has a call that waits, and gets its answer. */
  private void allAnswer(String what, Faults network, String endpoint, long died) {
    CallOptions patient = CallOptions.DEFAULT.withDeadline(MAX_RECOVERY);
    List<CompletableFuture<String>> replies = new ArrayList<>();
    for (Remote remote : remotes) {
      replies.add(remote.with(patient).request("echo", "y", String.class));
    }
    Await.until(
        () -> replies.stream().filter(CompletableFuture::isDone).count() + " of " + CLIENTS,
        MAX_RECOVERY,
        () -> replies.stream().allMatch(CompletableFuture::isDone));
    assertThat(replies).allSatisfy(reply -> assertThat(reply).isCompletedWithValue("y"));
    List<Long> attempts = network.attemptsAfter(died);
    long peak = peak(attempts);
    System.out.printf(
        "%d clients: %d attempts, at most %d in a second; %s after %d ms (away for %d)%n",
        CLIENTS,
        attempts.size(),
        peak,
        what,
        (System.nanoTime() - died) / 1_000_000,
        AWAY.toMillis());
    assertThat(network.at(endpoint)).hasSize(CLIENTS);
    assertThat(peak).isLessThanOrEqualTo((long) (CLIENTS * MAX_SHARE));
  }

  private void close() throws Exception {
    CompletableFuture.allOf(
            clients.stream()
                .map(client -> CompletableFuture.runAsync(client::close))
                .toArray(CompletableFuture[]::new))
        .get(60, TimeUnit.SECONDS);
  }

  private static Messenger server(String endpoint) {
    Messenger server = Messenger.builder("storm-server").listen(endpoint).build();
    server.handle("echo", String.class, text -> text);
    return server;
  }

  private void connect(String name, String endpoint) {
    for (int i = 0; i < CLIENTS; i++) {
      Messenger client = Messenger.builder(name).build();
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
