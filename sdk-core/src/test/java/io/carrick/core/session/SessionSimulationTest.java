package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Seeded lives of two processes; a failing seed is in the message and reproduces. */
@Tag("jdk-independent")
@Timeout(600)
class SessionSimulationTest {

  private static final int SEEDS = Integer.getInteger("carrick.sim.seeds", 900);

  /** Fewer seeds need not hit everything: one that is looked at again, for instance. */
  private static final int ENOUGH_FOR_ALL = 500;

  private static final long FIRST = Long.getLong("carrick.sim.first", 1L);

  private static final Logger LOG = Logger.getLogger("io.carrick");

  /** The lives would say more than anybody reads. */
  @BeforeAll
  static void quiet() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void aloud() {
    LOG.setLevel(null);
  }

  @Test
  void theSameSeedGivesTheSameLife() {
    SimLife once = SimLife.of(FIRST);
    SimLife again = SimLife.of(FIRST);

    once.run();
    again.run();

    assertThat(again.world.coverage).isEqualTo(once.world.coverage);
    assertThat(again.world.messages).isEqualTo(once.world.messages);
  }

  @Test
  void everyExchangeEndsOnceAndTruthfullyAndNothingIsLostDuplicatedOrReordered() {
    Map<String, Integer> coverage = new TreeMap<>();
    AtomicLong messages = new AtomicLong();
    AtomicLong changes = new AtomicLong();

    LongStream.range(FIRST, FIRST + SEEDS)
        .parallel()
        .forEach(
            seed -> {
              SimLife life = SimLife.of(seed);
              try {
                life.run();
              } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
              }
              messages.addAndGet(life.world.messages);
              changes.addAndGet(life.world.changes);
              synchronized (coverage) {
                life.world.coverage.forEach((what, n) -> coverage.merge(what, n, Integer::sum));
              }
            });

    System.out.println(
        SEEDS
            + " seeds from "
            + FIRST
            + ", "
            + messages
            + " messages, "
            + changes
            + " kills and moves, "
            + coverage);
    if (SEEDS >= ENOUGH_FOR_ALL) {
      assertCoverage(coverage);
    }
    assertThat(messages).hasValueGreaterThan(2_000L * SEEDS);
    assertThat(changes).hasValueGreaterThan(40L * SEEDS);
  }

  private static void assertCoverage(Map<String, Integer> coverage) {
    assertThat(coverage)
        .containsKeys("frame of an old connection", "full buffer", "suspended")
        .containsKeys("moved while the old one was open", "moved during a write", "tail loss")
        .containsKeys("late timer", "client restarts", "server restarts", "expired", "suspect")
        .containsKeys("late proof", "thrown: BAD_CONNECTION", "thrown: BAD_CALLBACK")
        .containsKeys("thrown: BAD_EXECUTOR", "thrown: NO_MEMORY")
        .containsKeys("half-open", "black hole both", "late delivery", "suffix lost", "refused")
        .containsKeys("attempt: FORBIDDEN", "attempt: REJECTED", "attempt: WRONG_DOOR")
        .containsKeys("no handshake", "no room", "rights fell", "put aside")
        .containsKeys("SEND WITHDRAWN", "REQUEST WITHDRAWN")
        .containsKeys("close", "cancel", "pause", "never returning", "frame came twice")
        .containsKeys("REQUEST COMPLETED", "CHANNEL COMPLETED", "STREAM CANCELLED")
        .containsKeys("PUBLISH SESSION_LOST", "REQUEST EXPIRED", "SUBSCRIBE FAILED");
  }
}
