package io.carrick.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.run.Delays;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptWatchTest {

  /** So late that the time of a step which ends then is over, with all that is allowed for. */
  private static final long LONG_AGO = -Duration.ofMinutes(1).toNanos();

  private final Delays delays = new Delays("test");
  private final AttemptWatch watch = new AttemptWatch(delays, () -> true);

  @AfterEach
  void close() {
    delays.close();
  }

  @Test
  void oneThatIsOverdueIsLostWhenAskedTwice() {
    watch.within(LONG_AGO);

    assertThat(watch.isLost()).isFalse();
    assertThat(watch.isLost()).isTrue();
  }

  /** As after the process stood still: the first that runs may be the one that asks. */
  @Test
  void oneThatGoesOnAfterAPauseIsNotLost() {
    watch.within(LONG_AGO);

    assertThat(watch.isLost()).isFalse();
    watch.within(0);
    assertThat(watch.isLost()).isFalse();
    assertThat(watch.isLost()).isFalse();
  }

  @Test
  void aStepThatTakesAsLongAsItLikesIsNotLost() {
    watch.within(LONG_AGO);
    watch.endless();

    assertThat(watch.isLost()).isFalse();
    assertThat(watch.isLost()).isFalse();
  }
}
