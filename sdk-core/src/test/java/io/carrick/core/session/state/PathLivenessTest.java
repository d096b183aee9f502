package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.session.state.PathLiveness.State;
import org.junit.jupiter.api.Test;

/** How long a connection may be silent (F11): each limit from both sides. */
class PathLivenessTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 5 * SECOND;

  private final PathLiveness path = new PathLiveness(NOW);

  /** A new connection is measured at once; this is over. */
  private void measured(long rtt) {
    path.pong(path.ping(NOW), NOW + rtt);
  }

  @Test
  void anIdlePathIsAskedAfter15SecondsSuspectAfter30AndDeadAfter45() {
    path.ping(NOW);
    assertThat(path.nextTick(false)).isEqualTo(NOW + 15 * SECOND);
    assertThat(path.tick(NOW + 15 * SECOND - 1, false)).isEqualTo(State.FINE);
    assertThat(path.pingOwed()).isFalse();

    assertThat(path.tick(NOW + 15 * SECOND, false)).isEqualTo(State.FINE);
    assertThat(path.pingOwed()).isTrue();
    assertThat(path.tick(NOW + 30 * SECOND - 1, false)).isEqualTo(State.FINE);
    assertThat(path.tick(NOW + 30 * SECOND, false)).isEqualTo(State.SUSPECT);
    assertThat(path.tick(NOW + 45 * SECOND - 1, false)).isEqualTo(State.FINE);
    assertThat(path.tick(NOW + 45 * SECOND, false)).isEqualTo(State.DEAD);
  }

  @Test
  void anyFrameShowsThatAnIdlePathLives() {
    path.tick(NOW + 15 * SECOND, false);
    path.tick(NOW + 30 * SECOND, false);

    path.received(NOW + 31 * SECOND, false, false, false);

    assertThat(path.nextTick(false)).isEqualTo(NOW + 46 * SECOND);
    assertThat(path.tick(NOW + 46 * SECOND, false)).as("counted anew").isEqualTo(State.FINE);
  }

  @Test
  void aSecondIsLongWhereFramesWaitForAnAck() {
    path.sending(NOW + 3 * SECOND);

    assertThat(path.nextTick(true)).isEqualTo(NOW + 4 * SECOND);
    assertThat(path.tick(NOW + 4 * SECOND - 1, true)).isEqualTo(State.FINE);
    assertThat(path.tick(NOW + 4 * SECOND, true)).isEqualTo(State.FINE);
    assertThat(path.tick(NOW + 5 * SECOND, true)).isEqualTo(State.SUSPECT);
    assertThat(path.tick(NOW + 6 * SECOND, true)).isEqualTo(State.DEAD);
  }

  @Test
  void whatIsSentWhileNothingIsAnsweredDoesNotBeginTheWaitAnew() {
    path.sending(NOW);
    path.tick(NOW + SECOND, true);

    path.sending(NOW + SECOND + 500_000_000);

    assertThat(path.nextTick(true)).isEqualTo(NOW + 2 * SECOND);
  }

  /** So a path that is dead in one direction is found. */
  @Test
  void onlyAnAnswerCountsWhereFramesWaitForAnAck() {
    path.sending(NOW);

    path.received(NOW + 900_000_000, true, false, true);
    assertThat(path.nextTick(true)).isEqualTo(NOW + SECOND);

    path.received(NOW + 900_000_000, false, true, true);
    assertThat(path.nextTick(true)).isEqualTo(NOW + SECOND + 900_000_000);
  }

  @Test
  void whoOnlyReceivesNoticesSoonThatNothingComesAnyMore() {
    path.received(NOW, true, false, false);
    assertThat(path.nextTick(false)).isEqualTo(NOW + SECOND);

    measured(1);
    assertThat(path.nextTick(false)).as("it has answered").isEqualTo(NOW + 15 * SECOND);
  }

  @Test
  void theWaitIsFourRoundTripsWhereTheseAreLong() {
    measured(250_000_000);
    assertThat(path.nextTick(true)).isEqualTo(NOW + SECOND);

    PathLiveness slow = new PathLiveness(NOW);
    slow.pong(slow.ping(NOW), NOW + 250_000_001);
    assertThat(slow.nextTick(true)).isEqualTo(NOW + 4 * 250_000_001L);
  }

  /** A process that slept must not find its peer dead when it wakes. */
  @Test
  void aTimerThatComesAMinuteLateCountsOnce() {
    path.sending(NOW);

    assertThat(path.tick(NOW + 60 * SECOND, true)).isEqualTo(State.FINE);
    assertThat(path.pingOwed()).isTrue();
    assertThat(path.nextTick(true)).isEqualTo(NOW + 61 * SECOND);
  }

  @Test
  void anAnswerToAnotherPingMeasuresNothing() {
    long token = path.ping(NOW);

    path.pong(token + 1, NOW + 1);
    assertThat(path.rtt()).isEqualTo(-1);

    path.pong(token, NOW + 5);
    assertThat(path.rtt()).isEqualTo(5);

    path.pong(token, NOW + 500);
    assertThat(path.measurements()).as("an answer counts once").isEqualTo(1);
  }
}
