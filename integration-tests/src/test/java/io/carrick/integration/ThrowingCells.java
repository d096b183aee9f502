package io.carrick.integration;

import static io.carrick.integration.ThrowingCallbacks.arm;
import static io.carrick.integration.ThrowingCallbacks.hits;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs what reaches a callback while it throws an exception, then an {@code Error}. */
final class ThrowingCells {

  static final long IN_TIME_SECONDS = 10;

  private static final AtomicInteger CELLS = new AtomicInteger();

  private ThrowingCells() {}

  /** What is done to reach a callback. */
  interface Doing {
    CompletableFuture<?> run() throws Exception;
  }

  /** How many were run. */
  static int count() {
    return CELLS.get();
  }

  static void run(Map<String, Doing> failing, Map<String, Doing> harmless) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Throwable fault :
        List.of(new IllegalStateException("by the test"), new AssertionError("by the test"))) {
      for (Map.Entry<String, Doing> cell : failing.entrySet()) {
        check(cell.getKey(), cell.getValue(), fault, true, wrong);
      }
      for (Map.Entry<String, Doing> cell : harmless.entrySet()) {
        check(cell.getKey(), cell.getValue(), fault, false, wrong);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** More often than there are places, and then once without a fault. */
  private static void check(
      String name, Doing doing, Throwable fault, boolean fails, List<String> wrong) {
    CELLS.incrementAndGet();
    String cell = name + " throws " + fault.getClass().getSimpleName() + ": ";
    for (int i = 0; i < 3; i++) {
      arm(name, fault);
      String outcome = outcome(doing, fault);
      if (!outcome.equals(fails ? "failed" : "done")) {
        wrong.add(cell + outcome);
      }
      if (hits() == 0) {
        wrong.add(cell + "it was not reached");
      }
    }
    arm("", fault);
    String afterwards = outcome(doing, fault);
    if (!afterwards.equals("done")) {
      wrong.add(cell + "afterwards " + afterwards);
    }
  }

  /**
   * Tried again while there is no place: a caller that has failed may have left its handler busy.
   */
  private static String outcome(Doing doing, Throwable fault) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(IN_TIME_SECONDS);
    String outcome;
    do {
      outcome = tried(doing, fault);
    } while (outcome.equals("no place") && System.nanoTime() - until < 0);
    return outcome;
  }

  private static String tried(Doing doing, Throwable fault) {
    try {
      doing.run().get(IN_TIME_SECONDS, TimeUnit.SECONDS);
      return "done";
    } catch (TimeoutException e) {
      return "no end in time";
    } catch (Throwable e) {
      Throwable cause = e;
      while (cause instanceof ExecutionException || cause instanceof CompletionException) {
        cause = cause.getCause();
      }
      if (cause instanceof OverloadedException) {
        return "no place";
      }
      return cause == fault || cause instanceof MessagingException ? "failed" : cause.toString();
    }
  }
}
