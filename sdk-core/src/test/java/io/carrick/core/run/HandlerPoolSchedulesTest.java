package io.carrick.core.run;

import static io.carrick.core.run.Schedules.check;
import static io.carrick.core.run.Schedules.explore;
import static io.carrick.core.run.Schedules.together;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No task waits for ever beside a thread that could run it, however threads are scheduled. */
@Tag("schedules")
class HandlerPoolSchedulesTest {

  @Test
  void aTaskThatWaitsHoldsUpNoOther() {
    explore(
        () -> {
          HandlerPool pool = HandlerPool.ofCallbacks("pool");
          CountDownLatch second = new CountDownLatch(1);

          together(() -> pool.execute(() -> await(second)), () -> pool.execute(second::countDown));
          end(pool);

          check(second.getCount() == 0, "the second task did not run");
        });
  }

  @Test
  void tasksThatComeTogetherDoNotWaitForEachOther() {
    explore(
        () -> {
          HandlerPool pool = HandlerPool.ofCallbacks("pool");
          CountDownLatch second = new CountDownLatch(1);

          together(
              () -> pool.executeAll(List.of(() -> await(second), second::countDown)),
              () -> pool.execute(() -> {}));
          end(pool);

          check(second.getCount() == 0, "the second task did not run");
        });
  }

  @Test
  void whatWasTakenBeforeTheEndRuns() {
    explore(
        () -> {
          HandlerPool pool = HandlerPool.ofCallbacks("pool");
          AtomicInteger taken = new AtomicInteger();
          AtomicInteger ran = new AtomicInteger();
          Runnable executing =
              () -> {
                try {
                  pool.execute(ran::incrementAndGet);
                  taken.incrementAndGet();
                } catch (RejectedExecutionException e) {
                  // It came after the end.
                }
              };

          together(executing, executing, pool::shutdown);
          end(pool);

          check(ran.get() == taken.get(), taken + " tasks were taken, " + ran + " ran");
        });
  }

  private static void end(HandlerPool pool) {
    pool.shutdown();
    try {
      check(pool.awaitTermination(1, TimeUnit.HOURS), "the pool did not end");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
