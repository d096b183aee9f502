package io.carrick.transport.support;

import java.util.LinkedList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The loop of one connection where the library has none: runs tasks one at a time and in order, on
 * a pool, and gives others their turn after {@value #IN_TURN} of them. A connection has one task
 * here for each thing that can be done with it, and one for each write that is not confirmed. Safe
 * for use by any thread.
 */
public final class SerialExecutor implements Executor {

  private static final System.Logger LOG = System.getLogger(SerialExecutor.class.getName());

  /** What runs in one task of the pool. */
  private static final int IN_TURN = 64;

  private final Executor pool;
  private final Runnable turn = this::turn;
  private final Object lock = new Object();

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final LinkedList<Runnable> tasks = new LinkedList<>(); // This and the next: by lock.

  private boolean running;

  /**
   * An executor that has nothing to do.
   *
   * @param pool runs nothing inside {@code execute}
   */
  public SerialExecutor(Executor pool) {
    this.pool = pool;
  }

  /** Runs a task later; what the pool throws is thrown, and the task does not run then. */
  @Override
  public void execute(Runnable task) {
    synchronized (lock) {
      tasks.add(task);
      if (running) {
        return;
      }
      try {
        pool.execute(turn);
        running = true;
      } finally {
        if (!running) {
          tasks.removeLast();
        }
      }
    }
  }

  /**
   * Runs a task on the calling thread, behind those before it, which this waits for; then what has
   * come meanwhile. For a thread that reads for the connection and keeps what it has read until it
   * was handled. Not inside one of the tasks.
   */
  public void runHere(Runnable task) {
    Visit visit = null;
    synchronized (lock) {
      if (running) {
        visit = new Visit(new CountDownLatch(1));
        tasks.add(visit);
      }
      running = true;
    }
    if (visit != null) {
      visit.await();
    }
    run(task);
    turn();
  }

  private void turn() {
    int done = 0;
    for (Runnable task; (task = next()) != null; ) {
      run(task);
      if (task instanceof Visit) {
        return; // The turn is the visitor's.
      }
      if (++done >= IN_TURN && goesOnLater()) {
        return;
      }
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      SafeLog.log(LOG, System.Logger.Level.ERROR, "A task of a connection failed", e);
    }
  }

  private @Nullable Runnable next() {
    synchronized (lock) {
      Runnable next = tasks.poll();
      running = next != null;
      return next;
    }
  }

  /** Whether the pool takes what is left; otherwise this thread goes on. */
  private boolean goesOnLater() {
    try {
      pool.execute(turn);
      return true;
    } catch (RuntimeException | Error e) {
      return false;
    }
  }

  /** The turn of a thread that waits for it. */
  private record Visit(CountDownLatch turn) implements Runnable {

    @Override
    public void run() {
      turn.countDown();
    }

    void await() {
      boolean interrupted = false;
      while (turn.getCount() > 0) {
        try {
          turn.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
