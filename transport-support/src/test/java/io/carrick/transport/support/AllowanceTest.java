package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testkit.Await;
import org.junit.jupiter.api.Test;

final class AllowanceTest {

  @Test
  void soManyAreTakenInAWindowAndThenAgain() {
    Allowance allowance = new Allowance(3, 1);
    long start = System.nanoTime();
    int taken = 0;
    while (allowance.take()) {
      taken++;
    }

    // One window at least; another where the machine stood still meanwhile.
    assertThat(taken).isGreaterThanOrEqualTo(3);
    Await.until("the next window", () -> System.nanoTime() - start > 1_100_000_000L);
    Await.until("there are some again", allowance::take);
  }
}
