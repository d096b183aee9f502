package io.carrick.core.flow;

import io.carrick.Message;
import io.carrick.core.run.ApplicationExecutor;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of a channel of an edge, given to their subscriber in callbacks. At most {@value
 * #MOST_AHEAD} are asked for ahead. One subscriber.
 */
public final class NativeValues implements Flow.Publisher<Message> {

  static final int MOST_AHEAD = 8;

  private final ApplicationExecutor tasks;
  private final String topic;
  private final Flow.Publisher<Message> source;
  private final Consumer<Throwable> onThrow;
  private final AtomicBoolean taken = new AtomicBoolean();

  /** Values whose subscriber fails the call by what it throws. */
  public NativeValues(
      ApplicationExecutor tasks,
      String topic,
      Flow.Publisher<Message> source,
      Consumer<Throwable> onThrow) {
    this.onThrow = onThrow;
    this.tasks = tasks;
    this.topic = topic;
    this.source = source;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Message> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    if (taken.compareAndSet(false, true)) {
      Relay relay = new Relay(subscriber);
      subscriber.onSubscribe(relay);
      source.subscribe(relay);
    } else {
      FailedPublisher.fail(
          subscriber,
          new IllegalStateException("the values of a channel have one subscriber: " + topic));
    }
  }

  private final class Relay implements Flow.Subscriber<Message>, Flow.Subscription {

    private final Flow.Subscriber<? super Message> target;
    private final Object lock = new Object();

    // Guarded by lock.
    private final ArrayDeque<Message> queue = new ArrayDeque<>(MOST_AHEAD);
    private Flow.@Nullable Subscription upstream;
    private long demand;
    private int coming;
    private boolean complete;
    private @Nullable Throwable failure;
    private boolean over;
    private boolean working;

    Relay(Flow.Subscriber<? super Message> target) {
      this.target = target;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      synchronized (lock) {
        upstream = s;
      }
      work();
    }

    @Override
    public void onNext(Message item) {
      synchronized (lock) {
        coming--;
        queue.add(item);
      }
      work();
    }

    @Override
    public void onError(Throwable thrown) {
      synchronized (lock) {
        failure = thrown;
      }
      work();
    }

    @Override
    public void onComplete() {
      synchronized (lock) {
        complete = true;
      }
      work();
    }

    @Override
    public void request(long n) {
      synchronized (lock) {
        if (n <= 0) {
          failure =
              new IllegalArgumentException(
                  "request(" + n + ") must be positive (Reactive Streams rule 3.9)");
          queue.clear();
        } else {
          demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        }
      }
      work();
    }

    @Override
    public void cancel() {
      Flow.Subscription s;
      synchronized (lock) {
        s = over ? null : upstream;
        over = true;
        queue.clear();
      }
      if (s != null) {
        s.cancel();
      }
    }

    private void work() {
      synchronized (lock) {
        if (working) {
          return;
        }
        working = true;
      }
      tasks.execute(this::step);
    }

    private void step() {
      try {
        steps();
      } catch (Throwable e) {
        cancel();
        onThrow.accept(e);
      }
    }

    private void steps() {
      while (true) {
        Message item;
        Flow.Subscription s;
        int more = 0;
        Throwable end = null;
        synchronized (lock) {
          s = upstream;
          if (over) {
            working = false;
            return;
          }
          item = demand > 0 ? queue.poll() : null;
          if (item != null) {
            demand--;
          } else if (queue.isEmpty() && (failure != null || complete)) {
            over = true;
            end = failure;
          } else {
            more = s == null ? 0 : missing();
            coming += more;
            if (more == 0) {
              working = false;
              return;
            }
          }
        }
        if (item != null) {
          target.onNext(item);
        } else if (more > 0 && s != null) {
          s.request(more);
        } else if (end != null) {
          target.onError(end);
        } else {
          target.onComplete();
        }
      }
    }

    /** How many to ask for: never more than the subscriber did. The lock is held. */
    private int missing() {
      int ahead = coming + queue.size();
      int room = MOST_AHEAD - ahead;
      return room > MOST_AHEAD / 2 ? (int) Math.max(0, Math.min(room, demand - ahead)) : 0;
    }
  }
}
