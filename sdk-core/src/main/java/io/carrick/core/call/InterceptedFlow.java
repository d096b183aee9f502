package io.carrick.core.call;

import io.carrick.DeadlineExceededException;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a subscriber and interceptors around a flow: has a subscription at once, and ends
 * the flow when the deadline passes before the first item, whatever the interceptors do.
 */
final class InterceptedFlow<T> implements Flow.Subscriber<T>, Flow.Subscription {

  private final CallClock clock;
  private final Flow.Subscriber<? super T> target;
  private final Object lock = new Object();

  // Signals of the publisher are serial (Reactive Streams §1.3).
  private boolean begun;

  // Guarded by lock. Negative demand is none: the publisher refuses it (Reactive Streams §3.9).
  private Flow.@Nullable Subscription subscription;
  private long asked;

  // Written under lock.
  private volatile boolean over;

  InterceptedFlow(CallClock clock, Flow.Subscriber<? super T> target) {
    this.clock = clock;
    this.target = target;
  }

  /** Begins; the flow is subscribed to after it. */
  void start() {
    target.onSubscribe(this);
    if (!over) {
      clock.start(this::late);
    }
  }

  boolean isOver() {
    return over;
  }

  private void late(DeadlineExceededException failure) {
    Flow.Subscription s;
    synchronized (lock) {
      if (over || clock.isReached()) {
        return;
      }
      over = true;
      s = subscription;
    }
    try {
      if (s != null) {
        s.cancel();
      }
    } finally {
      target.onError(failure);
    }
  }

  /** Whether a signal may be passed; after the first one nobody but the publisher signals. */
  private boolean begins() {
    if (!begun) {
      synchronized (lock) {
        if (over) {
          return false;
        }
        begun = true;
        clock.reached();
      }
    }
    return !over;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    Objects.requireNonNull(s, "subscription");
    boolean useless;
    long demand;
    synchronized (lock) {
      useless = over || subscription != null;
      if (!useless) {
        subscription = s;
      }
      demand = asked;
    }
    if (useless) {
      s.cancel();
    } else if (demand != 0) {
      s.request(demand);
    }
  }

  @Override
  public void onNext(T item) {
    if (begins()) {
      target.onNext(item);
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (begins()) {
      over = true;
      target.onError(failure);
    }
  }

  @Override
  public void onComplete() {
    if (begins()) {
      over = true;
      target.onComplete();
    }
  }

  @Override
  public void request(long n) {
    Flow.Subscription s;
    synchronized (lock) {
      s = subscription;
      if (s == null && asked >= 0) {
        asked = n <= 0 ? Long.min(n, -1) : asked + n < 0 ? Long.MAX_VALUE : asked + n;
      }
    }
    if (s != null) {
      s.request(n);
    }
  }

  @Override
  public void cancel() {
    Flow.Subscription s;
    synchronized (lock) {
      over = true;
      s = subscription;
    }
    clock.reached();
    if (s != null) {
      s.cancel();
    }
  }
}
