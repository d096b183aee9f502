package io.carrick.core.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jetbrains.lincheck.Lincheck;

/**
 * Runs a scenario of a few threads again and again, each time with other switches between them, and
 * fails with the schedule that breaks it. What a scenario asserts must hold however its threads are
 * scheduled; a thread that nobody wakes is found, too.
 */
public final class Schedules {

  /** How many schedules of each scenario: {@code -Dcarrick.schedules=10000} for a longer look. */
  private static final int EACH = Integer.getInteger("carrick.schedules", 50);

  private Schedules() {}

  /** Explores schedules of a scenario, which makes what it works on afresh each time. */
  public static void explore(Runnable scenario) {
    Lincheck.runConcurrentTest(EACH, scenario);
  }

  /** Runs tasks on a thread each, and returns when all of them have ended. */
  public static void together(Runnable... tasks) {
    List<Thread> threads = new ArrayList<>();
    for (Runnable task : tasks) {
      threads.add(new Thread(task));
    }
    threads.forEach(Thread::start);
    threads.forEach(Schedules::join);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the scenario's own thread", e);
    }
  }

  /** Fails, where an assertion of a library would be explored, too. */
  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** An executor of a thread for each task; {@link #join} waits for all of them. */
  public static final class Threads {

    private final Queue<Thread> started = new ConcurrentLinkedQueue<>();

    public ApplicationExecutor tasks() {
      return ApplicationExecutor.of(this::execute, this::execute);
    }

    private void execute(Runnable task) {
      Thread thread = new Thread(task);
      started.add(thread);
      thread.start();
    }

    /** Waits for all tasks, and for those that they started. */
    public void join() {
      for (Thread thread; (thread = started.poll()) != null; ) {
        Schedules.join(thread);
      }
    }
  }
}
