package io.carrick.core.select;

import static io.carrick.core.select.Comparison.Reason.COST;
import static io.carrick.core.select.Comparison.Reason.SLOW;
import static io.carrick.core.select.Comparison.Reason.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static final Requirements FIVE = Requirements.NONE.maxLatency(Duration.ofMillis(5));

  private static Candidate path(int cost, long rttMicros, int samples) {
    return new Candidate(
        Endpoint.parse("memory:a"),
        Capabilities.of(SecurityLevel.NONE).withSameHostOnly(true).withCost(cost),
        new Measured(0, rttMicros, samples));
  }

  @Test
  void aPathIsInTroubleWhereItMissesTheTarget() {
    assertThat(Comparison.trouble(FIVE, path(10, 5_001, 3), 5_000)).contains(TARGET);
    assertThat(Comparison.trouble(FIVE, path(10, 5_000, 3), 5_000)).isEmpty();
    assertThat(Comparison.trouble(FIVE, path(10, 90_000, 2), -1))
        .as("measured too seldom")
        .isEmpty();
    assertThat(Comparison.trouble(Requirements.NONE, path(10, 90_000, 9), 90_000)).isEmpty();
  }

  @Test
  void aPathIsInTroubleWhereItTakesTwiceItsBestAndAMillisecondMore() {
    assertThat(Comparison.trouble(Requirements.NONE, path(10, 8_000, 3), 4_000)).contains(SLOW);
    assertThat(Comparison.trouble(Requirements.NONE, path(10, 7_999, 3), 4_000)).isEmpty();
    assertThat(Comparison.trouble(Requirements.NONE, path(10, 1_040, 3), 40)).contains(SLOW);
    assertThat(Comparison.trouble(Requirements.NONE, path(10, 1_039, 3), 40)).isEmpty();
  }

  @Test
  void costCountsByAQuarter() {
    assertThat(Comparison.costsLess(path(10, -1, 0), path(40, -1, 0))).isTrue();
    assertThat(Comparison.costsLess(path(40, -1, 0), path(40, -1, 0))).isFalse();
    assertThat(Comparison.costsLess(path(39, -1, 0), path(40, -1, 0))).isFalse();
  }

  @Test
  void whoMeetsTheTargetIsTakenForWhoMissesItAndNeverTheOtherWay() {
    for (Comparison.Reason reason : Comparison.Reason.values()) {
      assertThat(Comparison.takes(reason, FIVE, 5_100, 4_900)).isTrue();
      assertThat(Comparison.takes(reason, FIVE, 4_900, 5_100)).isFalse();
    }
  }

  @Test
  void elseAQuarterMustBeGained() {
    assertThat(Comparison.takes(TARGET, FIVE, 8_000, 6_000)).isTrue();
    assertThat(Comparison.takes(TARGET, FIVE, 8_000, 6_001)).isFalse();
    assertThat(Comparison.takes(SLOW, Requirements.NONE, 40, 20)).isTrue();
    assertThat(Comparison.takes(SLOW, Requirements.NONE, 39, 20)).as("19 us are noise").isFalse();
  }

  @Test
  void whatCostsLessIsTakenUnlessItIsClearlyWorse() {
    assertThat(Comparison.takes(COST, Requirements.NONE, 400, 400)).isTrue();
    assertThat(Comparison.takes(COST, Requirements.NONE, 400, 532)).isTrue();
    assertThat(Comparison.takes(COST, Requirements.NONE, 400, 533)).isFalse();
    assertThat(Comparison.takes(COST, Requirements.NONE, -1, 90_000)).isTrue();
  }
}
