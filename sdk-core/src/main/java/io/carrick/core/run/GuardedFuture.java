package io.carrick.core.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that refuses to be waited for on a thread that reads a connection, where the wait would
 * never end. Futures derived from it refuse alike.
 */
public class GuardedFuture<T> extends CompletableFuture<T> {

  protected final ApplicationExecutor tasks;

  public GuardedFuture(ApplicationExecutor tasks) {
    this.tasks = tasks;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new GuardedFuture<>(tasks);
  }

  @Override
  public Executor defaultExecutor() {
    return tasks;
  }

  @Override
  public T join() {
    boolean counted = beginWait();
    try {
      return super.join();
    } finally {
      endWait(counted);
    }
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    boolean counted = beginWait();
    try {
      return super.get();
    } finally {
      endWait(counted);
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    boolean counted = beginWait();
    try {
      return super.get(timeout, unit);
    } finally {
      endWait(counted);
    }
  }

  /** Before a wait for what a callback completes; refuses it where it might never end. */
  protected final boolean beginWait() {
    if (isDone()) {
      return false;
    }
    guard();
    return HandlerPool.beginWait();
  }

  protected static void endWait(boolean counted) {
    if (counted) {
      HandlerPool.endWait();
    }
  }

  protected final void guard() {
    if (!isDone() && CarrickThreads.isReader()) {
      throw new IllegalStateException(
          "a wait for a result on the thread that reads the connection would never end: register"
              + " the handler without nonBlocking(), give no handlerExecutor that runs in place, or"
              + " use thenAccept or thenCompose");
    }
    WriteBatch.flush();
  }
}
