package io.carrick.core.serve;

import static io.carrick.core.run.Schedules.check;
import static io.carrick.core.run.Schedules.explore;
import static io.carrick.core.run.Schedules.together;

import io.carrick.HandlerOptions;
import io.carrick.core.run.Bulkhead;
import io.carrick.core.run.Schedules.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was admitted runs, within the limits and in order, however threads are scheduled. */
@Tag("schedules")
class BulkheadSchedulesTest {

  private static final HandlerOptions ONE_AT_A_TIME =
      HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(3);

  /** A task that another thread ends, as that of a handler which returns a stage. */
  private record Asynchronous(
      Bulkhead gate, Threads threads, AtomicInteger running, AtomicInteger ran)
      implements Bulkhead.Task {

    @Override
    public boolean run() {
      check(running.incrementAndGet() == 1, "two run, and one may");
      threads
          .tasks()
          .execute(
              () -> {
                running.decrementAndGet();
                ran.incrementAndGet();
                gate.release();
                gate.finished();
              });
      return false;
    }

    @Override
    public void reject() {
      throw new AssertionError("rejected");
    }
  }

  @Test
  void whatIsAdmittedRunsOneAtATime() {
    explore(
        () -> {
          Threads threads = new Threads();
          Bulkhead bulkhead = new Bulkhead(threads.tasks(), ONE_AT_A_TIME);
          AtomicInteger running = new AtomicInteger();
          AtomicInteger ran = new AtomicInteger();
          Runnable call =
              () -> {
                check(bulkhead.tryAdmit(), "no place");
                bulkhead.schedule(new Asynchronous(bulkhead, threads, running, ran));
              };

          together(call, call);
          threads.join();

          check(ran.get() == 2, ran + " of 2 ran");
          checkEmpty(bulkhead);
        });
  }

  @Test
  void theMessagesOfALaneAreHandledOnceAndInOrder() {
    explore(
        () -> {
          Threads threads = new Threads();
          Bulkhead bulkhead = new Bulkhead(threads.tasks(), ONE_AT_A_TIME);
          Map<Object, OrderedQueue> lanes = new ConcurrentHashMap<>();
          List<String> handled = Collections.synchronizedList(new ArrayList<>());
          Runnable[] senders = new Runnable[2];
          for (int i = 0; i < 2; i++) {
            String sender = "ab".substring(i, i + 1);
            senders[i] =
                () -> {
                  for (int n = 1; n <= 2; n++) {
                    check(bulkhead.tryAdmit(), "no place");
                    OrderedQueue.add(
                        lanes,
                        "o",
                        bulkhead,
                        threads.tasks(),
                        new Text(sender + n, threads, handled));
                  }
                };
          }

          together(senders);
          threads.join();

          check(handled.size() == 4, "handled " + handled);
          check(handled.indexOf("a1") < handled.indexOf("a2"), "order " + handled);
          check(handled.indexOf("b1") < handled.indexOf("b2"), "order " + handled);
          check(lanes.isEmpty(), "a lane stays, and nothing waits");
          checkEmpty(bulkhead);
        });
  }

  /** A message that is decoded on another thread than the one that handles it. */
  private static final class Text implements OrderedQueue.Entry {

    private final String text;
    private final Threads threads;
    private final List<String> handled;
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean ready;

    Text(String text, Threads threads, List<String> handled) {
      this.text = text;
      this.threads = threads;
      this.handled = handled;
    }

    @Override
    public void prepare(Runnable whenReady) {
      if (begun.compareAndSet(false, true)) {
        threads
            .tasks()
            .execute(
                () -> {
                  ready = true;
                  whenReady.run();
                });
      }
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void handle() {
      handled.add(text);
    }

    @Override
    public void reject() {
      throw new AssertionError("rejected");
    }
  }

  private static void checkEmpty(Bulkhead bulkhead) {
    for (int i = 0; i < 4; i++) {
      check(bulkhead.tryAdmit(), "a place was not given back");
    }
    check(!bulkhead.tryAdmit(), "a place was given back twice");
  }
}
