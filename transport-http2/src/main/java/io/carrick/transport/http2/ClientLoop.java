package io.carrick.transport.http2;

import io.carrick.transport.support.SerialExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The loop of a connection whose library blocks. The thread that reads has its turn in place; all
 * else runs on another one, which does behind its turn what may block: so a frame that is sent
 * wakes one thread, and not two. Safe for use by any thread.
 */
final class ClientLoop implements Executor {

  private final Executor threads;
  private final SerialExecutor turns;
  private final AtomicReference<@Nullable Runnable> behind = new AtomicReference<>();
  private volatile @Nullable Thread reader;

  ClientLoop(Executor threads) {
    this.threads = threads;
    this.turns = new SerialExecutor(turn -> threads.execute(() -> run(turn)));
  }

  @Override
  public void execute(Runnable task) {
    turns.execute(task);
  }

  /** Runs a task in turn on this thread, which reads. */
  void runHere(Runnable task) {
    reader = Thread.currentThread();
    turns.runHere(task);
  }

  /** Runs a task that may block when the turn is over; on the loop, one such task at a time. */
  void afterTurn(Runnable task) {
    if (Thread.currentThread() == reader) {
      threads.execute(task);
    } else {
      behind.set(task);
    }
  }

  private void run(Runnable turn) {
    turn.run();
    Runnable next = behind.getAndSet(null);
    if (next != null) {
      next.run();
    }
  }
}
