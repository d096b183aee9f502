package io.carrick.core.call;

import static io.carrick.core.run.Schedules.check;
import static io.carrick.core.run.Schedules.explore;
import static io.carrick.core.run.Schedules.together;

import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Schedules.Threads;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who completes a future, and who is woken, however its threads are scheduled. */
@Tag("schedules")
class OutcomeFutureSchedulesTest {

  private static final class Value extends OutcomeFuture<String> {

    final AtomicInteger decoded = new AtomicInteger();
    final AtomicInteger abandoned = new AtomicInteger();

    Value(ApplicationExecutor tasks) {
      super(tasks);
    }

    @Override
    String decode(Object result) {
      decoded.incrementAndGet();
      return (String) result;
    }

    @Override
    void abandon() {
      abandoned.incrementAndGet();
    }

    @Override
    boolean read() {
      return false;
    }
  }

  @Test
  void allWhoWaitGetTheOutcomeWhichIsDecodedOnce() {
    explore(
        () -> {
          Threads threads = new Threads();
          Value value = new Value(threads.tasks());

          together(
              () -> check("a".equals(value.join()), "the first got another value"),
              () -> check("a".equals(value.join()), "the second got another value"),
              () -> value.outcome("a"));
          threads.join();

          check(value.decoded.get() == 1, "decoded " + value.decoded + " times");
        });
  }

  @Test
  void dependentsRunOnceWhetherSomebodyWaitsOrNot() {
    explore(
        () -> {
          Threads threads = new Threads();
          Value value = new Value(threads.tasks());
          AtomicInteger dependents = new AtomicInteger();

          together(
              () -> value.thenAccept(text -> dependents.incrementAndGet()),
              () -> check("a".equals(value.join()), "who waits got another value"),
              () -> value.outcome("a"));
          threads.join();

          check(dependents.get() == 1, "the dependent ran " + dependents + " times");
          check(value.decoded.get() == 1, "decoded " + value.decoded + " times");
        });
  }

  @Test
  void aCancelledFutureIsAbandonedOnceOrHasItsValue() {
    explore(
        () -> {
          Threads threads = new Threads();
          Value value = new Value(threads.tasks());

          together(
              () -> {
                try {
                  check("a".equals(value.join()), "who waits got another value");
                } catch (CancellationException e) {
                  check(value.isCancelled(), "a wait was cancelled, and the future is not");
                }
              },
              () -> value.cancel(false),
              () -> value.outcome("a"));
          threads.join();

          check(value.isDone(), "the future never ended");
          check(
              value.abandoned.get() == (value.isCancelled() ? 1 : 0),
              "cancelled " + value.isCancelled() + ", abandoned " + value.abandoned);
        });
  }

  @Test
  void anOutcomeThatComesWithAnInterruptIsNotLost() {
    explore(
        () -> {
          Threads threads = new Threads();
          Value value = new Value(threads.tasks());
          CompletableFuture<String> dependent = value.thenApply(text -> text + "!");

          Thread waiting =
              new Thread(
                  () -> {
                    try {
                      check("a".equals(value.get()), "who waits got another value");
                    } catch (InterruptedException e) {
                      // Allowed: then the dependent has to have it.
                    } catch (ExecutionException e) {
                      throw new AssertionError(e);
                    }
                  });
          together(
              () -> {
                waiting.start();
                waiting.interrupt();
              },
              () -> value.outcome("a"));
          check("a!".equals(dependent.join()), "the dependent got another value");
          threads.join();
        });
  }
}
