package io.carrick.core.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HysteresisTest {

  private static final long SECOND = 1_000_000_000L;

  private static Candidate path(String name, int cost, long rttMicros, int samples) {
    return new Candidate(
        Endpoint.parse("memory:" + name),
        new Capabilities(SecurityLevel.NONE, false, true, false, false, false, cost),
        new Measured(0, rttMicros, samples));
  }

  private static Candidate measured(String name, long rttMicros) {
    return path(name, 10, rttMicros, 10);
  }

  private static Hysteresis.Verdict look(
      Hysteresis state, long now, Candidate present, Candidate... others) {
    return state.look(now, Requirements.NONE, present, List.of(others));
  }

  @Test
  void aMeasuredAdvantageMustLastForThreeSeconds() {
    Candidate present = measured("slow", 1_000);
    Candidate better = measured("fast", 100);

    Hysteresis.Verdict first = look(Hysteresis.begin(0), 0, present, better);
    Hysteresis.Verdict early = look(first.next(), 2 * SECOND, present, better);
    Hysteresis.Verdict late = look(early.next(), 3 * SECOND, present, better);

    assertThat(first.target()).isEmpty();
    assertThat(early.target()).isEmpty();
    assertThat(late.target()).contains(better);
    assertThat(late.reason()).contains("100 us here, 1000 us before");
  }

  @Test
  void anAdvantageThatWaversBeginsAnew() {
    Candidate present = measured("slow", 1_000);
    Candidate better = measured("fast", 100);

    Hysteresis state = look(Hysteresis.begin(0), 0, present, better).next();
    state = look(state, 2 * SECOND, present, measured("fast", 990)).next();
    Hysteresis.Verdict again = look(state, 4 * SECOND, present, better);

    assertThat(again.target()).isEmpty();
    assertThat(look(again.next(), 7 * SECOND, present, better).target()).contains(better);
  }

  @Test
  void aSmallAdvantageIsNone() {
    Candidate present = measured("a", 100);
    assertThat(look(Hysteresis.begin(0), 9 * SECOND, present, measured("b", 80)).next().better())
        .isNull();
    assertThat(look(Hysteresis.begin(0), 9 * SECOND, present, measured("b", 90)).next().better())
        .isNull();
  }

  @Test
  void nothingMovesWithinTenSecondsOfAMove() {
    Candidate present = path("a", 40, -1, 0);
    Candidate better = path("b", 10, -1, 0);

    assertThat(look(Hysteresis.moved(0), 9 * SECOND, present, better).target()).isEmpty();
    assertThat(look(Hysteresis.moved(0), 10 * SECOND, present, better).target()).contains(better);
  }

  @Test
  void whatTransportsDeclareCountsAtOnceAndNeverMeetsWhatWasMeasured() {
    Candidate declared = path("b", 0, -1, 0);

    assertThat(look(Hysteresis.begin(0), 0, path("a", 40, -1, 0), declared).target())
        .contains(declared);
    // It was measured and found slow once: its low cost does not bring the session back.
    assertThat(
            look(Hysteresis.begin(0), 0, path("a", 40, -1, 0), path("b", 0, 90_000, 10)).target())
        .isEmpty();
  }

  @Test
  void aMissedLatencyTargetIsReasonEnough() {
    Requirements needs = Requirements.NONE.maxLatency(Duration.ofMillis(1));
    Candidate present = measured("slow", 5_000);
    Candidate other = path("other", 90, -1, 0);

    Hysteresis.Verdict verdict = Hysteresis.begin(0).look(0, needs, present, List.of(other));

    assertThat(verdict.target()).contains(other);
    assertThat(verdict.reason()).contains("latency target");
  }
}
