package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoundTripsTest {

  private final RoundTrips rtt = new RoundTrips();

  private long after(long... nanos) {
    for (long n : nanos) {
      rtt.add(n);
    }
    return rtt.median();
  }

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(rtt.median()).isEqualTo(-1);
    assertThat(rtt.count()).isZero();
  }

  @Test
  void aPauseIsNoRoundTrip() {
    assertThat(after(100, 110, 90, 800_000_000L, 105)).isEqualTo(105);
  }

  @Test
  void aSlowStartIsForgottenAfterFive() {
    assertThat(after(12_000, 9_000)).isEqualTo(12_000);
    assertThat(after(400, 410, 390, 400, 420)).isEqualTo(400);
  }

  @Test
  void aPathThatHasBecomeSlowIsKnownAfterThree() {
    assertThat(after(400, 400, 400, 400, 400)).isEqualTo(400);
    assertThat(after(40_000, 40_000)).isEqualTo(400);
    assertThat(after(40_000)).isEqualTo(40_000);
  }
}
