package io.carrick.transport.support;

import java.util.ArrayDeque;
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
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>(4); // This and the next: by lock.
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

  private void turn() {
    int done = 0;
    for (Runnable task; (task = next()) != null; ) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        SafeLog.log(LOG, System.Logger.Level.ERROR, "A task of a connection failed", e);
      }
      if (++done >= IN_TURN && goesOnLater()) {
        return;
      }
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
}
