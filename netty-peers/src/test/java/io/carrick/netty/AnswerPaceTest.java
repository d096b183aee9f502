package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AnswerPaceTest {

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final AtomicInteger unread = new AtomicInteger();
  private final AnswerPace pace = new AnswerPace(channel.eventLoop(), unread::incrementAndGet);

  private void pass(int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  private ChannelPromise write(boolean last) {
    ChannelPromise part = channel.newPromise();
    pace.writes(part, last);
    return part;
  }

  @Test
  void aCompleteAnswerOfWhichNothingIsReadEnds() {
    write(false);
    write(true);

    pass(HttpLimits.UNREAD_SECONDS - 1);
    assertThat(unread).hasValue(0);
    pass(1);

    assertThat(unread).hasValue(1);
  }

  @Test
  void eachPartThatLeavesGivesTheRestMoreTime() {
    ChannelPromise first = write(false);
    ChannelPromise last = write(true);

    pass(HttpLimits.UNREAD_SECONDS - 1);
    first.setSuccess();
    pass(HttpLimits.UNREAD_SECONDS - 1);
    assertThat(unread).hasValue(0);
    last.setSuccess();
    pass(2 * HttpLimits.UNREAD_SECONDS);

    assertThat(unread).hasValue(0);
  }

  @Test
  void anAnswerThatGoesOnWaitsForItsReader() {
    write(false);

    pass(10 * HttpLimits.UNREAD_SECONDS);

    assertThat(unread).hasValue(0);
  }

  @Test
  void theNextAnswerOfAConnectionBeginsAnew() {
    write(true).setSuccess();
    write(false);

    pass(10 * HttpLimits.UNREAD_SECONDS);

    assertThat(unread).hasValue(0);
  }
}
