package io.carrick.core.call;

import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.core.message.Failure;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The deadline of a call with interceptors around it. It runs from the moment of the call, whatever
 * they do, and all that they begin shares it. Safe for use by any thread.
 */
final class CallClock {

  /**
   * How much longer a call is waited for that has gone out: its own end, which knows whether it was
   * delivered, and what interceptors make of that.
   */
  private static final long PATIENCE_NANOS = 100_000_000L;

  private final ApplicationExecutor tasks;
  private final Delays delays;
  private final String what;
  private final Duration atMost;
  private final long deadline;
  private final AtomicInteger out = new AtomicInteger();
  private volatile boolean reached;
  private volatile Delays.@Nullable Delay timer;

  CallClock(ApplicationExecutor tasks, Delays delays, String what, Duration atMost) {
    this.tasks = tasks;
    this.delays = delays;
    this.what = what;
    this.atMost = atMost;
    this.deadline = System.nanoTime() + atMost.toNanos();
  }

  /** Tells in a callback when it has passed, unless {@link #reached} came before. */
  void start(Consumer<DeadlineExceededException> late) {
    timer = delays.after(remainingNanos(), () -> passed(late, true));
    if (reached) {
      stop();
    }
  }

  private void passed(Consumer<DeadlineExceededException> late, boolean patient) {
    if (reached) {
      return;
    }
    if (patient && out.get() > 0) {
      timer = delays.after(PATIENCE_NANOS, () -> passed(late, false));
      if (reached) {
        stop();
      }
      return;
    }
    DeadlineExceededException failure = failure();
    tasks.execute(() -> late.accept(failure));
  }

  private DeadlineExceededException failure() {
    return new DeadlineExceededException(
        out.get() > 0 ? Delivered.MAYBE : Delivered.NO,
        what + ": its deadline of " + atMost + " passed before its interceptors had let it end");
  }

  /** A call goes out. */
  void begins() {
    out.incrementAndGet();
  }

  /** A call goes out, which does not count any more if it ends without having been delivered. */
  void begins(CompletableFuture<?> call) {
    begins();
    call.whenComplete(
        (reply, failure) -> {
          if (failure != null && Failure.isNotDelivered(failure)) {
            out.decrementAndGet();
          }
        });
  }

  /** What it was for has happened; what begins later has a whole deadline of its own. */
  void reached() {
    reached = true;
    stop();
  }

  boolean isReached() {
    return reached;
  }

  private void stop() {
    Delays.Delay t = timer;
    if (t != null) {
      t.cancel();
    }
  }

  /** Why nothing may begin any more; null where it may. */
  @Nullable DeadlineExceededException late() {
    return reached || remainingNanos() > 0 ? null : failure();
  }

  long deadline() {
    return deadline;
  }

  private long remainingNanos() {
    return deadline - System.nanoTime();
  }
}
