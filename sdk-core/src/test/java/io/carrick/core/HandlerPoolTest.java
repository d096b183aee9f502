package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.core.session.CarrickThreads;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HandlerPoolTest {

  private final HandlerPool pool = new HandlerPool("test");

  @AfterEach
  void close() {
    pool.shutdownNow();
  }

  @Test
  void moreTasksThanThreadsAllRun() throws Exception {
    CountDownLatch blocked = new CountDownLatch(HandlerPool.MAX_THREADS);
    CountDownLatch goOn = new CountDownLatch(1);
    int tasks = 2 * HandlerPool.MAX_THREADS;
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
    Tasks own = Tasks.create("test");
    CompletableFuture<Boolean> marked = new CompletableFuture<>();
    own.execute(() -> marked.complete(CarrickThreads.isCarrick() && !CarrickThreads.isReader()));
    assertThat(marked.get(5, SECONDS)).isTrue();
    own.close();

    CompletableFuture<Boolean> reader = new CompletableFuture<>();
    own.execute(() -> reader.complete(CarrickThreads.isReader()));

    assertThat(reader).isCompletedWithValue(true);
  }
}
