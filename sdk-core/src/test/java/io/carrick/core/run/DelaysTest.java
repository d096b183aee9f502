package io.carrick.core.run;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DelaysTest {

  private static final int MANY = 2_000;

  private final Delays delays = new Delays("test");

  @AfterEach
  void close() {
    delays.close();
  }

  /** When one is due: not before the first of these times, and at the second at the latest. */
  private record Due(long first, long last) {}

  @Test
  void actionsRunInTheOrderOfTheirTimesWhateverIsCancelled() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    CountDownLatch all = new CountDownLatch(1);
    delays.after(0, () -> await(all));
    List<Due> ran = new CopyOnWriteArrayList<>();
    Set<Due> expected = new HashSet<>();
    for (int i = 0; i < MANY; i++) {
      long nanos = random.nextInt(100_000_000);
      Due[] due = new Due[1];
      long before = System.nanoTime();
      Delays.Delay made = delays.after(nanos, () -> ran.add(due[0]));
      due[0] = new Due(before + nanos, System.nanoTime() + nanos);
      if (random.nextInt(3) == 0) {
        made.cancel();
        made.cancel();
      } else {
        expected.add(due[0]);
      }
    }
    CountDownLatch last = new CountDownLatch(1);
    delays.after(200_000_000, last::countDown);
    all.countDown();

    assertThat(last.await(30, SECONDS)).isTrue();
    assertThat(ran).containsExactlyInAnyOrderElementsOf(expected);
    for (int i = 1; i < ran.size(); i++) {
      assertThat(ran.get(i).last() - ran.get(i - 1).first()).isNotNegative();
    }
  }

  @Test
  void anActionThatThrowsIsDoneOnceAndOthersGoOn() throws Exception {
    AtomicInteger done = new AtomicInteger();
    CountDownLatch later = new CountDownLatch(3);
    delays.after(
        0,
        () -> {
          done.incrementAndGet();
          throw new IllegalStateException("of the test");
        });
    delays.every(
        0,
        1,
        () -> {
          later.countDown();
          throw new AssertionError("of the test");
        });

    assertThat(later.await(10, SECONDS)).isTrue();
    assertThat(done).hasValue(1);
  }

  @Test
  void anActionForWhichThereWasNoMemoryIsDoneWhenThereIs() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    delays.after(
        0,
        () -> {
          if (tries.incrementAndGet() < 3) {
            throw new OutOfMemoryError("of the test");
          }
          done.countDown();
        });

    assertThat(done.await(10, SECONDS)).isTrue();
  }

  @Test
  void whatGoesOnEndsWhereItSaysSoOrIsCancelled() throws Exception {
    AtomicInteger left = new AtomicInteger(3);
    CountDownLatch again = new CountDownLatch(2);
    delays.every(0, 1, () -> left.decrementAndGet() > 0);
    Delays.Delay other =
        delays.every(
            0,
            1,
            () -> {
              again.countDown();
              return true;
            });
    assertThat(again.await(10, SECONDS)).isTrue();
    other.cancel();
    CountDownLatch last = new CountDownLatch(1);
    delays.after(10_000_000, last::countDown);

    assertThat(last.await(10, SECONDS)).isTrue();
    assertThat(left).hasValue(0);
  }

  @Test
  void nothingRunsAfterTheEnd() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    Delays.Delay waiting = delays.after(1_000_000_000_000L, ran::incrementAndGet);

    delays.close();

    waiting.cancel();
    delays.after(0, ran::incrementAndGet).cancel();
    assertThat(ran).hasValue(0);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
