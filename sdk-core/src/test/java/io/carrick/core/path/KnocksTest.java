package io.carrick.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients behind a balancer that leads each connection to any instance of a service. */
class KnocksTest {

  private static final int CLIENTS = 30;
  private static final int TIMES = 200;
  private static final long SEED = Long.getLong("carrick.knocks.seed", 1L);
  private static final long SECOND = 1_000_000_000L;
  private static final long DIAL_NANOS = 5_000_000L;
  private static final long RESUME_NANOS = 120 * SECOND;

  private final Random random = new Random(SEED);
  private final LongBinaryOperator draw =
      (from, to) -> from + (long) (random.nextDouble() * (to - from));

  /** When a session of one client was found again, or another began; negative: not at all. */
  private record Client(long resumed, long another, int knocks) {}

  private Client live(int instances, boolean dead, boolean crowded) {
    Knocks knocks = new Knocks(draw);
    long now = 0;
    long another = -1;
    int count = 0;
    while (now < RESUME_NANOS) {
      now += DIAL_NANOS;
      count++;
      int led = random.nextInt(instances);
      if (led == 0 && !dead) {
        return new Client(now, another, count);
      }
      // Where ours is dead, another one has its place at the balancer.
      knocks.answered("instance " + led, now);
      if (another < 0 && knocks.giveUp(crowded, now)) {
        another = now + DIAL_NANOS;
      }
      now += knocks.nextNanos(crowded);
    }
    return new Client(-1, another, count);
  }

  private Client[] lives(int instances, boolean dead, boolean crowded) {
    Client[] all = new Client[CLIENTS * TIMES];
    Arrays.setAll(all, i -> live(instances, dead, crowded));
    return all;
  }

  private static double quantile(Client[] all, double q) {
    long[] sorted =
        Arrays.stream(all)
            .mapToLong(c -> c.resumed() < 0 ? RESUME_NANOS : c.resumed())
            .sorted()
            .toArray();
    return sorted[(int) Math.min(sorted.length - 1, Math.round(q * sorted.length))] / 1e9;
  }

  private static double longestWithout(Client[] all) {
    return Arrays.stream(all)
            .mapToLong(
                c ->
                    c.another() < 0
                        ? c.resumed()
                        : c.resumed() < 0 ? c.another() : Math.min(c.another(), c.resumed()))
            .max()
            .orElseThrow()
        / 1e9;
  }

  @ParameterizedTest
  @CsvSource({"3, false", "10, false", "30, false", "3, true", "10, true", "30, true"})
  void newCallsWaitASecondAndWhatIsHeldIsFoundAgain(int instances, boolean crowded) {
    Client[] all = lives(instances, false, crowded);
    double lost = Arrays.stream(all).filter(c -> c.resumed() < 0).count() * 100.0 / all.length;

    System.out.printf(
        "%d instances, %s clients, seed %d: resumed after %.1f s (p50), %.1f s (p95), %.1f s (p99),"
            + " %.2f %% not within 120 s; new calls waited %.1f s at most%n",
        instances,
        crowded ? "many" : "few",
        SEED,
        quantile(all, 0.5),
        quantile(all, 0.95),
        quantile(all, 0.99),
        lost,
        longestWithout(all));

    assertThat(longestWithout(all)).isLessThan(2.5);
    assertThat(quantile(all, 0.95)).isLessThan(crowded ? 120.1 : instances == 30 ? 80 : 25);
    assertThat(lost).isLessThan(crowded && instances == 30 ? 25 : 2);
  }

  @Test
  void whatTookThePlaceOfOursIsBelievedTheThirdTimeAndIsNotStormed() {
    Client[] few = lives(1, true, false);
    Client[] many = lives(1, true, true);

    assertThat(longestWithout(few)).isLessThan(0.5);
    assertThat(longestWithout(many)).isLessThan(0.1);
    // T18: of many clients at most a tenth may knock in a second.
    double knocks = Arrays.stream(many).mapToInt(Client::knocks).average().orElseThrow();
    assertThat(knocks / (RESUME_NANOS / 1e9)).isLessThan(0.1);
  }

  @Test
  void afterTheSessionWentOnItBeginsAnew() {
    Knocks knocks = new Knocks(draw);
    for (int i = 0; i < 50; i++) {
      knocks.answered("other", i * SECOND);
      long wait = knocks.nextNanos(false);
      assertThat(wait).isBetween(Knocks.FIRST_NANOS / 2, Knocks.LONGEST_NANOS);
    }
    assertThat(knocks.giveUp(false, 50 * SECOND)).isTrue();

    knocks.reset();

    assertThat(knocks.haveAnswer()).isFalse();
    assertThat(knocks.giveUp(true, 51 * SECOND)).isFalse();
    knocks.answered("other", 52 * SECOND);
    assertThat(knocks.nextNanos(false)).isLessThanOrEqualTo(Knocks.FIRST_NANOS);
    assertThat(knocks.giveUp(false, 52 * SECOND)).isFalse();
  }
}
