package io.carrick.edge.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** What is to be said to one subscriber, as it asks for it. Any thread. */
final class Script<T> implements Flow.Subscription {

  private final Flow.Subscriber<? super T> subscriber;

  // By this.
  private final Deque<T> items = new ArrayDeque<>();
  private long demand;
  private boolean ended;
  private @Nullable Throwable failure;
  private boolean running;
  private boolean over;

  Script(Flow.Subscriber<? super T> subscriber) {
    this.subscriber = subscriber;
    subscriber.onSubscribe(this);
  }

  void say(T item) {
    synchronized (this) {
      items.add(item);
    }
    run();
  }

  void end(@Nullable Throwable by) {
    synchronized (this) {
      ended = true;
      failure = by;
    }
    run();
  }

  @Override
  public void request(long n) {
    synchronized (this) {
      demand += n;
    }
    run();
  }

  @Override
  public synchronized void cancel() {
    over = true;
  }

  private void run() {
    synchronized (this) {
      if (running) {
        return;
      }
      running = true;
    }
    for (Runnable step = next(); step != null; step = next()) {
      step.run();
    }
  }

  private synchronized @Nullable Runnable next() {
    if (!over && !items.isEmpty() && demand > 0) {
      demand--;
      T item = items.remove();
      return () -> subscriber.onNext(item);
    }
    if (!over && items.isEmpty() && ended) {
      over = true;
      Throwable by = failure;
      return by == null ? subscriber::onComplete : () -> subscriber.onError(by);
    }
    running = false;
    return null;
  }
}
