package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Seeded lives of two sessions; a failing seed is in the message and reproduces. */
class SessionSimulationTest {

  private static final int SEEDS = Integer.getInteger("carrick.sim.seeds", 600);
  private static final long FIRST = Long.getLong("carrick.sim.first", 1L);

  @Test
  void everyExchangeEndsOnceAndTruthfullyAndNothingIsLostDuplicatedOrReordered() {
    Map<String, Integer> coverage = new TreeMap<>();
    long messages = 0;

    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      Simulation simulation = new Simulation(seed);
      try {
        simulation.run();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
      messages += simulation.messages;
      simulation.coverage.forEach((what, count) -> coverage.merge(what, count, Integer::sum));
    }

    System.out.println(SEEDS + " seeds from " + FIRST + ", " + messages + " messages, " + coverage);
    assertThat(coverage)
        .containsKeys("kill", "close", "cancel", "never returning", "REQUEST COMPLETED")
        .containsKeys("CHANNEL COMPLETED", "STREAM CANCELLED", "PUBLISH SESSION_LOST")
        .containsKeys("REQUEST EXPIRED", "SUBSCRIBE FAILED");
  }
}
