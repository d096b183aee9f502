package io.carrick.core.run;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HandlerPoolTest {

  private final HandlerPool pool = HandlerPool.ofHandlers("test");

  @AfterEach
  void close() {
    pool.shutdownNow();
  }

  @Test
  void moreTasksThanThreadsAllRun() throws Exception {
    CountDownLatch blocked = new CountDownLatch(HandlerPool.MAX_HANDLERS);
    CountDownLatch goOn = new CountDownLatch(1);
    int tasks = 2 * HandlerPool.MAX_HANDLERS;
    CountDownLatch ran = new CountDownLatch(tasks);
    for (int i = 0; i < tasks; i++) {
      pool.execute(
          () -> {
            blocked.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            ran.countDown();
          });
    }

    assertThat(blocked.await(10, SECONDS)).isTrue();
    assertThat(ran.getCount()).isEqualTo(tasks);
    goOn.countDown();

    assertThat(ran.await(10, SECONDS)).isTrue();
  }

  @Test
  void aTaskThatBlocksHoldsUpNoneBehindIt() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch ran = new CountDownLatch(50);
    for (int i = 0; i < 100; i++) {
      boolean blocks = i % 2 == 0;
      pool.execute(
          () -> {
            if (!blocks) {
              ran.countDown();
              return;
            }
            try {
              goOn.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    assertThat(ran.await(10, SECONDS)).isTrue();
    goOn.countDown();
  }

  @Test
  void closedPoolInterruptsItsThreadsAndTakesNothing() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    pool.execute(
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.complete(true);
          }
        });
    begun.await();

    pool.shutdownNow();

    assertThat(interrupted.get(5, SECONDS)).isTrue();
    assertThat(pool.awaitTermination(5, SECONDS)).isTrue();
    assertThatThrownBy(() -> pool.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("test is closed");
  }

  @Test
  void tasksAreMarkedAndRefusedOnesRunAsReader() throws Exception {
    ApplicationExecutor own = ApplicationExecutor.create("test");
    CompletableFuture<Boolean> marked = new CompletableFuture<>();
    own.execute(() -> marked.complete(CarrickThreads.isCarrick() && !CarrickThreads.isReader()));
    assertThat(marked.get(5, SECONDS)).isTrue();
    own.close(0);

    CompletableFuture<Boolean> reader = new CompletableFuture<>();
    own.execute(() -> reader.complete(CarrickThreads.isReader()));

    assertThat(reader).isCompletedWithValue(true);
  }

  @Test
  void someCallbacksAreLeftToCompleteWhatTheOthersWaitFor() throws Exception {
    ApplicationExecutor tasks = ApplicationExecutor.create("test");
    GuardedFuture<String> last = new GuardedFuture<>(tasks);
    CountDownLatch asked = new CountDownLatch(HandlerPool.MAX_CALLBACKS + 100);
    AtomicInteger refused = new AtomicInteger();
    // Virtual threads have no such bound.
    int beyond =
        Runtime.version().feature() < 21
            ? HandlerPool.MAX_CALLBACKS - HandlerPool.MAX_CALLBACKS_IN_WAIT
            : 0;
    CountDownLatch refusals = new CountDownLatch(beyond);
    for (int i = 0; i < HandlerPool.MAX_CALLBACKS; i++) {
      tasks.execute(
          () -> {
            asked.countDown();
            try {
              last.join();
            } catch (IllegalStateException e) {
              refused.incrementAndGet();
              refusals.countDown();
            }
          });
    }

    for (int i = 0; i < 100; i++) {
      tasks.execute(asked::countDown);
    }

    assertThat(asked.await(20, SECONDS)).isTrue();
    assertThat(refusals.await(20, SECONDS)).isTrue();
    last.complete("the end");
    tasks.close(0);
    assertThat(refused.get()).isEqualTo(beyond);
  }

  @Test
  void aTaskThatThrowsEndsNoThread() throws Exception {
    CompletableFuture<Thread> first = new CompletableFuture<>();
    CompletableFuture<Thread> second = new CompletableFuture<>();
    pool.execute(
        () -> {
          first.complete(Thread.currentThread());
          throw new AssertionError("thrown by the test");
        });
    first.get(5, SECONDS).getName();
    pool.execute(() -> second.complete(Thread.currentThread()));

    assertThat(second.get(5, SECONDS)).isNotNull();
    assertThat(first.get(5, SECONDS).isAlive()).isTrue();
  }
}
