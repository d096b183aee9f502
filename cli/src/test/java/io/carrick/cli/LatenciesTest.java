package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void percentilesAreThoseOfTheSortedTimesAndAtMostAThirtySecondTooLong() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long[] nanos = random.longs(10_000, 0, 1L << (1 + random.nextInt(40))).toArray();
    Latencies latencies = new Latencies();
    for (long n : nanos) {
      latencies.add(n);
    }
    Arrays.sort(nanos);

    for (double percent : new double[] {1, 50, 90, 99, 99.9, 100}) {
      long exact = nanos[(int) Math.ceil(nanos.length * percent / 100) - 1];
      assertThat(latencies.percentile(percent))
          .as("seed %d, percentile %s", seed, percent)
          .isGreaterThanOrEqualTo(exact)
          .isLessThanOrEqualTo(exact + exact / 32 + 1);
    }
    assertThat(latencies.most()).isEqualTo(nanos[nanos.length - 1]);
  }

  @Test
  void theLongestTimeThatThereIsFits() {
    Latencies latencies = new Latencies();

    latencies.add(Long.MAX_VALUE);
    latencies.add(-1);

    assertThat(latencies.percentile(100)).isEqualTo(Long.MAX_VALUE);
    assertThat(latencies.percentile(1)).isZero();
    assertThat(latencies.count()).isEqualTo(2);
  }

  @Test
  void thereIsNothingToSumUpBeforeTheFirst() {
    assertThat(new Latencies().summary()).isEmpty();
  }
}
