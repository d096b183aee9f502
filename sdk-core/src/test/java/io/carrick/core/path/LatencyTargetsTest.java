package io.carrick.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LatencyTargetsTest {

  private long now = -7;
  private final LatencyTargets targets = new LatencyTargets(() -> now);

  private void used(int millis) {
    targets.used(Requirements.NONE.maxLatency(Duration.ofMillis(millis)));
  }

  private long strictest() {
    return targets.strictest(Requirements.NONE).maxLatency().map(Duration::toMillis).orElse(-1L);
  }

  @Test
  void theStrictestOfTheLastMinuteCounts() {
    used(20);
    used(5);
    targets.used(Requirements.NONE);
    assertThat(strictest()).isEqualTo(5);

    now += LatencyTargets.COUNTS_NANOS;
    used(20);
    assertThat(strictest()).isEqualTo(5);
    now++;
    assertThat(strictest()).isEqualTo(20);
    now += LatencyTargets.COUNTS_NANOS + 1;
    assertThat(strictest()).isEqualTo(-1);
  }

  @Test
  void otherNeedsAreKept() {
    used(5);
    assertThat(targets.strictest(Requirements.security(SecurityLevel.MUTUAL)))
        .isEqualTo(Requirements.security(SecurityLevel.MUTUAL).maxLatency(Duration.ofMillis(5)));
  }

  @Test
  void theOneNotUsedForLongestIsForgotten() {
    for (int i = 1; i <= LatencyTargets.MOST + 1; i++) {
      now++;
      used(i);
    }
    assertThat(strictest()).isEqualTo(2);
  }
}
