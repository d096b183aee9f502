package io.carrick.core.call;

import io.carrick.core.message.Failure;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.run.GuardedFuture;
import io.carrick.core.run.Unfinished;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A future with a raw outcome: a thread that waits in join or get takes it directly and decodes it
 * itself; where nobody waits, a callback does. Dependents run as callbacks, never on a thread that
 * waits. It may be completed by anybody at any time, also while its outcome is decoded.
 */
abstract class OutcomeFuture<T> extends GuardedFuture<T> implements Unfinished {

  private static final long FINISH_NANOS = 1_000_000_000L;
  private static final VarHandle OUTCOME = handle("outcome", Object.class);
  private static final VarHandle CLAIMED = handle("claimed", boolean.class);
  private static final VarHandle WAITER = handle("waiter", Thread.class);

  /** Set once. */
  private volatile @Nullable Object outcome;

  /** Whether somebody decodes the outcome. */
  @SuppressWarnings("unused") // Through CLAIMED.
  private volatile boolean claimed;

  private volatile @Nullable Thread waiter;
  private @Nullable Unfinished keptBefore;

  OutcomeFuture(ApplicationExecutor tasks) {
    super(tasks);
  }

  private static VarHandle handle(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(OutcomeFuture.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Makes a value of the outcome, or throws the failure that it is. */
  abstract T decode(Object result);

  /** The application has completed or cancelled this future: what it stands for is not wanted. */
  abstract void abandon();

  /** Reads for a thread that waits, if it may: whether the outcome may be there now. */
  abstract boolean read();

  final boolean isSettled() {
    return outcome != null;
  }

  /** Sets the outcome, unless there is one. */
  final void outcome(Object result) {
    if (!OUTCOME.compareAndSet(this, null, result) && (claimed || isDone())) {
      return; // Else it could not be handed over before.
    }
    Thread waiting = waiter;
    if (waiting != null) {
      // One that reads by itself looks when it has read.
      if (waiting != Thread.currentThread()) {
        LockSupport.unpark(waiting);
      }
    } else {
      handOver();
    }
  }

  private void handOver() {
    tasks.executeTogether(this);
  }

  /** Completes it as a callback, as soon as there is memory for that. */
  @Override
  public final void run() {
    while (true) {
      try {
        finish();
        return;
      } catch (OutOfMemoryError e) {
        if (isDone()) {
          throw e;
        }
        if (!Contained.awaitsMemory()) {
          tasks.keep(this);
          return;
        }
      }
    }
  }

  @Override
  public final @Nullable Unfinished keptBefore() {
    return keptBefore;
  }

  @Override
  public final void keptBefore(@Nullable Unfinished other) {
    keptBefore = other;
  }

  private boolean claim() {
    return CLAIMED.compareAndSet(this, false, true);
  }

  private void finish() {
    Object result = outcome;
    if (result == null || !claim()) {
      return;
    }
    T value;
    try {
      value = decode(result);
    } catch (Throwable e) {
      finishExceptionally(e);
      return;
    }
    super.complete(value);
  }

  private void finishExceptionally(Throwable e) {
    try {
      super.completeExceptionally(Failure.messaging(e, "the call"));
    } catch (OutOfMemoryError unable) {
      claimed = false; // To be tried again.
      throw unable;
    }
  }

  private void unwantedIf(boolean done) {
    if (done) {
      abandon();
      LockSupport.unpark(waiter);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean done = super.cancel(mayInterruptIfRunning);
    unwantedIf(done);
    return done;
  }

  @Override
  public boolean complete(T value) {
    boolean done = super.complete(value);
    unwantedIf(done);
    return done;
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    boolean done = super.completeExceptionally(failure);
    unwantedIf(done);
    return done;
  }

  @Override
  public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
    executor.execute(
        () -> {
          try {
            complete(supplier.get());
          } catch (Throwable e) {
            completeExceptionally(e);
          }
        });
    return this;
  }

  @Override
  public T join() {
    try {
      take(false, 0);
    } catch (InterruptedException e) {
      throw new AssertionError("join is not interrupted", e);
    }
    return super.join();
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    take(true, 0);
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    long until = System.nanoTime() + unit.toNanos(timeout);
    take(true, until | 1);
    return super.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  /** Waits for the outcome and completes this future with it, unless others wait already. */
  private void take(boolean interruptible, long until) throws InterruptedException {
    if (isDone()) {
      return;
    }
    if (outcome == null) {
      guard();
      if (!WAITER.compareAndSet(this, null, Thread.currentThread())) {
        return;
      }
      park(interruptible, until);
    }
    if (outcome == null) {
      return;
    }
    if (getNumberOfDependents() == 0) {
      finish();
    } else {
      awaitFinish(until);
    }
  }

  /**
   * Lets another thread complete this future. Dependents are the application's code: a thread that
   * waits in the JDK's own join would run some of them.
   */
  private void awaitFinish(long until) {
    Thread here = Thread.currentThread();
    // The last dependent is the first to run.
    super.whenComplete((value, failure) -> LockSupport.unpark(here));
    tasks.execute(this);
    boolean counted = beginWait();
    try {
      while (!isDone() && !here.isInterrupted()) {
        long left = until == 0 ? FINISH_NANOS : until - System.nanoTime();
        if (left <= 0) {
          return;
        }
        LockSupport.parkNanos(this, left);
      }
    } finally {
      endWait(counted);
    }
  }

  private void park(boolean interruptible, long until) throws InterruptedException {
    boolean interrupted = false;
    boolean looksItself = false;
    try {
      while (outcome == null && !isDone()) {
        if (Thread.interrupted()) {
          interrupted = true;
          if (interruptible) {
            throw new InterruptedException();
          }
        }
        long left = until == 0 ? Long.MAX_VALUE : until - System.nanoTime();
        if (left <= 0) {
          break;
        }
        // What comes while it looks for something to read may have used up the permit to go on.
        if (!read() && outcome == null && !isDone()) {
          LockSupport.parkNanos(this, left);
        }
      }
      looksItself = true;
    } finally {
      waiter = null;
      if (outcome != null && !looksItself) {
        // The outcome came with what was thrown, and counted on this thread.
        tasks.execute(this);
      }
      if (interrupted && !interruptible) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
