package io.carrick.core.session;

import static io.carrick.core.session.SimFault.BLACK_HOLE;
import static io.carrick.core.session.SimFault.CLOSE;
import static io.carrick.core.session.SimFault.CROWD;
import static io.carrick.core.session.SimFault.KILL;
import static io.carrick.core.session.SimFault.KILL_RESUME;
import static io.carrick.core.session.SimFault.LATE_PROOF;
import static io.carrick.core.session.SimFault.LOSS;
import static io.carrick.core.session.SimFault.MOVE;
import static io.carrick.core.session.SimFault.NOBODY_PATH;
import static io.carrick.core.session.SimFault.PAUSE;
import static io.carrick.core.session.SimFault.RESTART_SERVER;
import static io.carrick.core.session.SimFault.TAIL_LOSS;
import static io.carrick.core.session.SimFault.WRONG_DOOR;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.session.state.Rule;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation sees it when a rule is missing: else its silence would prove nothing. */
@Tag("jdk-independent")
@Timeout(300)
class LeftOutRuleTest {

  private static final int SEEDS = 200;
  private static final int ENOUGH = 10;

  /** Seeds whose lives run beside each other. */
  private static final int AT_ONCE = 8;

  /** Seeds of the same life with all rules, which {@link SessionSimulationTest} has many of. */
  private static final int FEW = 8;

  private static final Set<Rule> NO_RULE = EnumSet.noneOf(Rule.class);

  /** All 200 seeds, and not only until enough have failed: for the table in docs/session.md. */
  private static final boolean ALL = Boolean.getBoolean("carrick.sim.all");

  private static Set<SimFault> profile(Rule rule) {
    return switch (rule) {
      case ABSOLUTE_CREDIT, CREDIT_GOES_BACK, TIMELY_ACK -> EnumSet.noneOf(SimFault.class);
      case DROP_DUPLICATES, REPLAY, KEEP_UNTIL_ACK -> EnumSet.of(KILL, MOVE);
      case FENCE -> EnumSet.of(KILL, MOVE, BLACK_HOLE, KILL_RESUME);
      case REFUSE_GAPS -> EnumSet.of(LOSS);
      case SENT_IN_PING -> EnumSet.of(TAIL_LOSS);
      case LIVENESS -> EnumSet.of(BLACK_HOLE);
      case BACK_PRESSURE -> EnumSet.of(KILL, PAUSE, BLACK_HOLE);
      case ACKNOWLEDGED_END -> EnumSet.of(KILL, CLOSE);
      case TRUTHFUL_ENDS -> EnumSet.of(RESTART_SERVER);
      case KEY_BEFORE -> EnumSet.of(KILL, KILL_RESUME);
      case RISING_EPOCHS -> EnumSet.of(KILL, MOVE, LATE_PROOF);
      case FALLING_RIGHTS -> EnumSet.of(KILL, MOVE, NOBODY_PATH);
      case WAITING_BOUND, WHOLE_GRANTS -> EnumSet.of(CROWD, PAUSE, KILL);
    };
  }

  private static long bad(
      Set<SimFault> faults, Set<Rule> without, Set<SimFlaw> flaws, long enough) {
    long bad = 0;
    for (long first = 1; first <= SEEDS && bad < enough; first += AT_ONCE) {
      bad +=
          LongStream.range(first, Math.min(first + AT_ONCE, SEEDS + 1))
              .parallel()
              .filter(seed -> fails(seed, faults, without, flaws))
              .count();
    }
    return bad;
  }

  private static boolean fails(
      long seed, Set<SimFault> faults, Set<Rule> without, Set<SimFlaw> flaws) {
    try {
      new SimLife(seed, faults, without, flaws).run();
      return false;
    } catch (RuntimeException | AssertionError e) {
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void lifeGoesWrongWithoutIt(Rule rule) {
    Set<SimFault> faults = profile(rule);

    long bad = bad(faults, EnumSet.of(rule), EnumSet.noneOf(SimFlaw.class), ALL ? SEEDS : ENOUGH);

    System.out.println("without " + rule + ": " + bad + " bad seeds, with faults " + faults);
    assertThat(bad).isGreaterThanOrEqualTo(ENOUGH);
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void theSameLifeGoesWellWithIt(Rule rule) {
    LongStream.rangeClosed(1, ALL ? SEEDS : FEW)
        .parallel()
        .forEach(
            seed -> new SimLife(seed, profile(rule), NO_RULE, EnumSet.noneOf(SimFlaw.class)).run());
  }

  @Test
  void aWrongDoorThatCountsAsAnEndLosesSessions() {
    Set<SimFault> faults = EnumSet.of(KILL, WRONG_DOOR);

    long bad = bad(faults, NO_RULE, EnumSet.of(SimFlaw.WRONG_DOOR_ENDS), ALL ? SEEDS : ENOUGH);

    System.out.println("with WRONG_DOOR_ENDS: " + bad + " bad seeds, with faults " + faults);
    assertThat(bad).isGreaterThanOrEqualTo(ENOUGH);
  }

  /** R10 keeps the pause short: nothing is lost without it. */
  @Test
  void lifeGoesOnWithoutMakeBeforeBreak() {
    Set<SimFault> faults = EnumSet.of(KILL, MOVE, BLACK_HOLE, KILL_RESUME);

    long bad = bad(faults, NO_RULE, EnumSet.of(SimFlaw.BREAK_BEFORE_MAKE), SEEDS);

    System.out.println("with BREAK_BEFORE_MAKE: " + bad + " bad seeds, with faults " + faults);
    assertThat(bad).isZero();
  }
}
