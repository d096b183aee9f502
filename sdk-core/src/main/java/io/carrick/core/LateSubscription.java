package io.carrick.core;

import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A subscription given out before what it stands for exists: demand and cancel are kept until then.
 * Safe for use by any thread.
 */
final class LateSubscription implements Flow.Subscription {

  private final Runnable onCancel;
  private final Object lock = new Object();

  // Guarded by lock.
  private Flow.@Nullable Subscription real;
  private long asked;
  private boolean cancelled;

  /** A subscription that also tells of its first cancel. */
  LateSubscription(Runnable onCancel) {
    this.onCancel = onCancel;
  }

  /** Leads to the real one from now on; a second one is cancelled. */
  void begin(Flow.Subscription subscription) {
    Objects.requireNonNull(subscription, "subscription");
    long demand;
    boolean useless;
    synchronized (lock) {
      useless = cancelled || real != null;
      demand = useless ? 0 : asked;
      if (!useless) {
        real = subscription;
      }
    }
    if (useless) {
      subscription.cancel();
    } else if (demand != 0) {
      subscription.request(demand);
    }
  }

  @Override
  public void request(long n) {
    Flow.Subscription target;
    synchronized (lock) {
      target = real;
      if (target == null && asked >= 0) {
        // Demand that is no demand stays, for the publisher to refuse (Reactive Streams §3.9).
        asked = n <= 0 ? Long.min(n, -1) : asked + n < 0 ? Long.MAX_VALUE : asked + n;
      }
    }
    if (target != null) {
      target.request(n);
    }
  }

  @Override
  public void cancel() {
    Flow.Subscription target;
    synchronized (lock) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      target = real;
    }
    if (target != null) {
      target.cancel();
    }
    onCancel.run();
  }
}
