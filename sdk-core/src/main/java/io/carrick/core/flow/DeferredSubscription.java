package io.carrick.core.flow;

import io.carrick.core.run.ApplicationExecutor;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription given out before what it stands for exists. Demand and cancel, from any thread,
 * reach that in callbacks, one at a time.
 */
public final class DeferredSubscription implements Flow.Subscription {

  private final ApplicationExecutor tasks;
  private final Runnable onCancel;
  private final Consumer<Throwable> onFailure;
  private final Object lock = new Object();

  // Guarded by lock. Negative demand is none: the publisher refuses it (Reactive Streams §3.9).
  private Flow.@Nullable Subscription real;
  private long asked;
  private boolean cancelled;
  private boolean passing;

  /** A subscription that also tells of its first cancel, and of what the real one throws. */
  public DeferredSubscription(
      ApplicationExecutor tasks, Runnable onCancel, Consumer<Throwable> onFailure) {
    this.tasks = tasks;
    this.onCancel = onCancel;
    this.onFailure = onFailure;
  }

  /** Leads to the real one from now on; a second one is cancelled. */
  public void begin(Flow.Subscription subscription) {
    Objects.requireNonNull(subscription, "subscription");
    boolean useless;
    synchronized (lock) {
      useless = real != null;
      if (!useless) {
        real = subscription;
      }
    }
    if (useless) {
      subscription.cancel();
    } else {
      pass();
    }
  }

  @Override
  public void request(long n) {
    synchronized (lock) {
      if (asked >= 0) {
        asked = n <= 0 ? Long.min(n, -1) : asked + n < 0 ? Long.MAX_VALUE : asked + n;
      }
    }
    pass();
  }

  @Override
  public void cancel() {
    synchronized (lock) {
      if (cancelled) {
        return;
      }
      cancelled = true;
    }
    onCancel.run();
    pass();
  }

  private void pass() {
    synchronized (lock) {
      if (passing || real == null) {
        return;
      }
      passing = true;
    }
    tasks.execute(this::passAll);
  }

  private void passAll() {
    while (true) {
      Flow.Subscription target;
      long demand;
      synchronized (lock) {
        target = real;
        demand = asked;
        asked = 0;
        if (target == null || (!cancelled && demand == 0)) {
          passing = false;
          return;
        }
        if (cancelled) {
          // What passes stays taken: nothing comes after a cancel.
          demand = 0;
        }
      }
      if (demand == 0) {
        target.cancel();
        return;
      }
      try {
        target.request(demand);
      } catch (Throwable e) {
        // Nothing passes any more but the cancel that follows.
        onFailure.accept(e);
      }
    }
  }
}
