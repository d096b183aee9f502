package io.carrick.core.call;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.core.run.Delays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WaitingTimeTest {

  private final Delays delays = new Delays("test");
  private final AtomicInteger over = new AtomicInteger();

  @AfterEach
  void close() {
    delays.close();
  }

  private WaitingTime beginning() {
    return new WaitingTime(delays, 0, over::incrementAndGet);
  }

  /** All that was due before has run: the timer has one thread. */
  private void awaitDue() throws Exception {
    CountDownLatch later = new CountDownLatch(1);
    delays.after(1_000_000, later::countDown);
    assertThat(later.await(10, SECONDS)).isTrue();
  }

  @Test
  void aCallWhoseTimeHasRunOutIsNotMade() throws Exception {
    WaitingTime time = beginning();
    awaitDue();

    assertThat(over).hasValue(1);
    assertThat(time.hold()).isFalse();
    time.release();
    assertThat(over).hasValue(1);
  }

  @Test
  void theTimeOfACallThatIsBeingMadeDoesNotRunOut() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    delays.after(0, () -> awaitUninterruptibly(held));
    WaitingTime time = beginning();

    assertThat(time.hold()).isTrue();
    held.countDown();
    awaitDue();
    time.stop();

    assertThat(over).hasValue(0);
  }

  @Test
  void itRunsOutLaterWhereTheCallWasNotMade() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    delays.after(0, () -> awaitUninterruptibly(held));
    WaitingTime time = beginning();
    assertThat(time.hold()).isTrue();
    held.countDown();
    awaitDue();

    time.release();

    assertThat(over).hasValue(1);
    assertThat(time.hold()).isFalse();
  }

  @Test
  void itRunsOutThoughThereIsNoMemoryToTellIt() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    var time =
        new WaitingTime(
            delays,
            0,
            () -> {
              if (over.getAndIncrement() == 0) {
                throw new OutOfMemoryError("of the test");
              }
              told.countDown();
            });

    assertThat(told.await(10, SECONDS)).isTrue();
    assertThat(time.isOver()).isTrue();
  }

  @Test
  void itRunsOutThoughThereIsNoMemoryWhenTheCallWasNotMade() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    delays.after(0, () -> awaitUninterruptibly(held));
    WaitingTime time =
        new WaitingTime(
            delays,
            0,
            () -> {
              if (over.getAndIncrement() == 0) {
                throw new OutOfMemoryError("of the test");
              }
              told.countDown();
            });
    assertThat(time.hold()).isTrue();
    held.countDown();
    awaitDue();

    assertThatThrownBy(time::release).isInstanceOf(OutOfMemoryError.class);

    assertThat(told.await(10, SECONDS)).isTrue();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
