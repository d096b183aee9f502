package io.carrick.transport.support.edge;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Gives what comes in to one subscriber, by the rules of Reactive Streams. Holds nothing: who puts
 * items in has seen the demand for them. Items come from one thread at a time, ends from any.
 *
 * @param <T> what comes in
 */
public final class Pipe<T> implements Flow.Publisher<T> {

  /** Where the items come from. */
  public interface Source {

    /** The subscriber takes so many more. */
    void request(long n);

    /** The subscriber takes no more. */
    void cancel();
  }

  private record End(@Nullable Throwable failure) {}

  private final Source source;
  private final Object lock = new Object();

  // One for the subscription that is yet to come: until then nothing is signalled.
  private final AtomicInteger signals = new AtomicInteger(1);
  private volatile @Nullable End end;
  private volatile boolean over;
  private volatile Flow.@Nullable Subscriber<? super T> subscriber;

  // Guarded by lock.
  private boolean started;
  private long demand;
  private long early;

  /** Nobody has subscribed yet. */
  public Pipe(Source source) {
    this.source = source;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> target) {
    Objects.requireNonNull(target, "subscriber");
    boolean second;
    synchronized (lock) {
      second = subscriber != null;
      if (!second) {
        subscriber = target;
      }
    }
    target.onSubscribe(second ? new Nothing() : new Asking());
    if (second) {
      target.onError(new IllegalStateException("this flow has one subscriber"));
      return;
    }
    long wanted;
    synchronized (lock) {
      started = true;
      wanted = early;
    }
    release();
    if (wanted > 0) {
      source.request(wanted);
    }
  }

  /** One more item; false if nobody asked for it. */
  public boolean item(T item) {
    synchronized (lock) {
      if (demand == 0) {
        return over || end != null;
      }
      demand--;
    }
    Flow.Subscriber<? super T> target = subscriber;
    if (signals.getAndIncrement() == 0) {
      if (!over && target != null) {
        target.onNext(item);
      }
      release();
    }
    return true;
  }

  /** Whether a subscriber waits for more. */
  public boolean isWanted() {
    return subscriber != null && !over && end == null;
  }

  /** There is no more. The first end counts. */
  public void end(@Nullable Throwable failure) {
    synchronized (lock) {
      if (end != null) {
        return;
      }
      end = new End(failure);
    }
    if (signals.getAndIncrement() == 0) {
      release();
    }
  }

  private void release() {
    int seen = signals.get();
    do {
      End now = end;
      Flow.Subscriber<? super T> target = subscriber;
      if (now != null && !over && target != null) {
        over = true;
        if (now.failure() == null) {
          target.onComplete();
        } else {
          target.onError(now.failure());
        }
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private final class Asking implements Flow.Subscription {

    @Override
    public void request(long n) {
      if (n <= 0) {
        end(
            new IllegalArgumentException(
                "request(" + n + ") must be positive (Reactive Streams rule 3.9)"));
        source.cancel();
        return;
      }
      synchronized (lock) {
        demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        if (!started) {
          early = early + n < 0 ? Long.MAX_VALUE : early + n;
          return;
        }
      }
      source.request(n);
    }

    @Override
    public void cancel() {
      over = true;
      source.cancel();
    }
  }

  private static final class Nothing implements Flow.Subscription {

    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }
}
