package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What sessions cost that do nothing, and that they cost the same after many moves. */
@Timeout(180)
final class SessionMemoryTest {

  private static final int SESSIONS = 1_000;
  private static final int MOVES = Integer.getInteger("carrick.memory.moves", 170);

  /** Until then the histories of the remotes fill up, 64 events each. */
  private static final int WARM = 70;

  private static final int AT_ONCE = 50;
  private static final long MAX_IDLE_BYTES = 20 << 10;
  private static final long MAX_GROWTH_BYTES = 2 << 20;

  private final String[] endpoints = {"memory:" + UUID.randomUUID(), "memory:" + UUID.randomUUID()};
  private final List<Remote> remotes = new ArrayList<>();

  @Test
  void aThousandSessionsThatMoveAHundredTimesLeaveTheHeapFlat() {
    try (Messenger server =
            Messenger.builder("memory-server").listen(endpoints[0]).listen(endpoints[1]).build();
        Messenger client = Messenger.builder("memory-client").build()) {
      server.handle("echo", String.class, text -> text);
      open(client);
      use(0, 1);
      long one = heldBytes();
      use(1, SESSIONS);
      long idle = heldBytes();
      move(WARM);
      long warm = heldBytes();
      move(MOVES - WARM);
      long end = heldBytes();

      // Both ends of each session are in this process.
      long each = (idle - one) / (2L * (SESSIONS - 1));
      System.out.printf(
          "%,d sessions: an end of an idle one costs %,d bytes; %,d bytes held, after %d moves of"
              + " each %,d, after %d %,d%n",
          SESSIONS, each, idle, WARM, warm, MOVES, end);
      assertThat(server.peers()).hasSize(SESSIONS);
      assertThat(each).isLessThanOrEqualTo(MAX_IDLE_BYTES);
      assertThat(end - warm).isLessThan(MAX_GROWTH_BYTES);
    }
  }

  /** Remotes without sessions, which nobody asked about. */
  private void open(Messenger client) {
    for (int i = 0; i < SESSIONS; i++) {
      remotes.add(client.connect(endpoints[0], endpoints[1]));
    }
  }

  private void use(int from, int to) {
    for (Remote remote : remotes.subList(from, to)) {
      Await.result(remote.request("echo", "x", String.class));
    }
  }

  private void move(int times) {
    for (int i = 0; i < times; i++) {
      for (int from = 0; from < SESSIONS; from += AT_ONCE) {
        Await.result(
            CompletableFuture.allOf(
                remotes.subList(from, from + AT_ONCE).stream()
                    .map(Remote::move)
                    .toArray(CompletableFuture[]::new)));
      }
    }
    use(0, SESSIONS);
  }

  /** Live objects and direct buffers; the least of a few looks, as a collection takes its time. */
  private static long heldBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      long direct =
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .mapToLong(BufferPoolMXBean::getMemoryUsed)
              .sum();
      least =
          Math.min(
              least, direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
