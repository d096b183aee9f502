package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SerialExecutorTest {

  private final ManualLoop pool = new ManualLoop();
  private final SerialExecutor serial = new SerialExecutor(pool);
  private final List<Integer> ran = new ArrayList<>();

  @Test
  void tasksOfOneThreadRunInOrderAndNeverTwoAtATime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      SerialExecutor one = new SerialExecutor(threads);
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      List<Integer> order = new ArrayList<>(); // Only tasks touch it.
      int count = 10_000;
      CountDownLatch done = new CountDownLatch(count);
      for (int i = 0; i < count; i++) {
        int number = i;
        one.execute(
            () -> {
              overlaps.addAndGet(inside.getAndIncrement());
              order.add(number);
              inside.decrementAndGet();
              done.countDown();
            });
      }
      Await.until("all have run", () -> done.getCount() == 0);

      assertThat(overlaps).hasValue(0);
      assertThat(order).isEqualTo(IntStream.range(0, count).boxed().toList());
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void nothingRunsInsideOfExecute() {
    serial.execute(() -> ran.add(1));

    assertThat(ran).isEmpty();
    pool.run();
    assertThat(ran).containsExactly(1);
  }

  @Test
  void othersHaveTheirTurn() {
    for (int i = 0; i < 100; i++) {
      int number = i;
      serial.execute(() -> ran.add(number));
    }
    pool.execute(() -> ran.add(-1));
    pool.run();

    assertThat(ran).hasSize(101);
    assertThat(ran.indexOf(-1)).isEqualTo(64);
  }

  @Test
  void whatATaskThrowsStopsNobody() {
    serial.execute(
        () -> {
          throw new Error("of the test");
        });
    serial.execute(() -> ran.add(1));
    pool.run();

    assertThat(ran).containsExactly(1);
  }

  @Test
  void aPoolWithoutMemoryRefusesATaskAndTakesTheNext() {
    pool.full(true);
    assertThatThrownBy(() -> serial.execute(() -> ran.add(1))).isInstanceOf(OutOfMemoryError.class);
    pool.full(false);
    serial.execute(() -> ran.add(2));
    pool.run();

    assertThat(ran).containsExactly(2);
  }

  @Test
  void whereThePoolTakesNoTurnThisOneGoesOn() {
    for (int i = 0; i < 200; i++) {
      int number = i;
      serial.execute(() -> ran.add(number));
    }
    serial.execute(() -> pool.full(false));
    Runnable first = pool.take();
    pool.full(true);
    first.run();

    assertThat(ran).hasSize(200).isSorted();
    serial.execute(() -> ran.add(200));
    pool.run();
    assertThat(ran).hasSize(201);
  }

  @Test
  void whoRunsATaskItselfRunsWhatComesMeanwhile() {
    serial.runHere(
        () -> {
          serial.execute(() -> ran.add(2));
          ran.add(1);
        });

    assertThat(ran).containsExactly(1, 2);
  }

  @Test
  void whoRunsATaskItselfWaitsForThoseBeforeIt() {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      SerialExecutor one = new SerialExecutor(threads);
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      List<Integer> order = new ArrayList<>(); // Only tasks touch it.
      int count = 10_000;
      for (int i = 0; i < count; i++) {
        int number = i;
        Thread caller = Thread.currentThread();
        Runnable task =
            () -> {
              overlaps.addAndGet(inside.getAndIncrement());
              order.add(number);
              inside.decrementAndGet();
              if (number % 3 == 0 && Thread.currentThread() != caller) {
                overlaps.incrementAndGet();
              }
            };
        if (number % 3 == 0) {
          one.runHere(task);
        } else {
          one.execute(task);
        }
      }
      one.runHere(() -> ran.addAll(order));

      assertThat(overlaps).hasValue(0);
      assertThat(ran).isEqualTo(IntStream.range(0, count).boxed().toList());
    } finally {
      threads.shutdown();
    }
  }
}
