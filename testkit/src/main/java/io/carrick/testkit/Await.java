package io.carrick.testkit;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another thread does, never longer than it is told. */
public final class Await {

  /** What a test waits for at most where it has no reason to wait longer or shorter. */
  public static final Duration LONG_ENOUGH = Duration.ofSeconds(10);

  private Await() {}

  /**
   * Waits until a condition holds, looking every millisecond; for what nobody reports.
   *
   * @throws AssertionError if it does not hold in time; it says what was waited for
   */
  public static void until(String what, BooleanSupplier condition) {
    until(() -> what, LONG_ENOUGH, condition);
  }

  /**
   * Waits until a condition holds, looking every millisecond.
   *
   * @throws AssertionError if it does not hold in time; it says what was waited for
   */
  public static void until(Supplier<String> what, Duration max, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > max.toNanos()) {
        throw new AssertionError("Not within " + max.toMillis() + " ms: " + what.get());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /**
   * The result of a stage.
   *
   * @throws AssertionError if it fails (the cause says why) or is not there in time
   */
  public static <T> T result(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(LONG_ENOUGH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("The stage failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("No result within " + LONG_ENOUGH.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * What a stage fails with.
   *
   * @throws AssertionError if it gives a result or is not done in time
   */
  public static Throwable failure(CompletionStage<?> stage, Duration max) {
    try {
      Object result = stage.toCompletableFuture().get(max.toMillis(), TimeUnit.MILLISECONDS);
      throw new AssertionError("No failure but " + result);
    } catch (ExecutionException e) {
      return e.getCause() == null ? e : e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("No failure within " + max.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError("The test was interrupted", e);
  }
}
