package io.carrick.core.call;

import io.carrick.Message;
import io.carrick.core.flow.ItemReceiver;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.spi.Broker;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a subscription at a broker, for one subscriber: each in a callback, and the next
 * one is asked for when it was handled, which acknowledges it.
 *
 * @param <T> what messages are decoded to
 */
final class BrokerFlow<T>
    implements Flow.Publisher<T>, Flow.Subscriber<Message>, Flow.Subscription {

  /** What the broker is asked for, given who is told that it was accepted, and what was missed. */
  interface Terms {
    Broker.Subscription of(Runnable accepted, java.util.function.LongConsumer missed);
  }

  private final ApplicationExecutor tasks;
  private final Function<Broker.Subscription, Flow.Publisher<Message>> broker;
  private final Terms terms;
  private final ItemReceiver.Decoder<? extends T> decoder;
  private final Runnable accepted;
  private final Object lock = new Object();

  // Guarded by lock.
  private Flow.@Nullable Subscriber<? super T> target;
  private Flow.@Nullable Subscription source;
  private long wanted;
  private long missed;
  private boolean acceptedOnce;
  private boolean asked;
  private boolean handling;
  private boolean over;
  private @Nullable Throwable end;

  BrokerFlow(
      ApplicationExecutor tasks,
      Function<Broker.Subscription, Flow.Publisher<Message>> broker,
      Terms terms,
      ItemReceiver.Decoder<? extends T> decoder,
      Runnable accepted) {
    this.tasks = tasks;
    this.broker = broker;
    this.terms = terms;
    this.decoder = decoder;
    this.accepted = accepted;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    synchronized (lock) {
      target = Objects.requireNonNull(subscriber, "subscriber");
    }
    subscriber.onSubscribe(this);
    broker.apply(terms.of(this::accepted, this::missed)).subscribe(this);
  }

  private void accepted() {
    boolean first;
    synchronized (lock) {
      first = !acceptedOnce;
      acceptedOnce = true;
      missed = first ? missed : -1;
    }
    if (first) {
      accepted.run();
    }
  }

  private void missed(long count) {
    synchronized (lock) {
      missed = missed < 0 ? missed : missed + count;
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    boolean useless;
    synchronized (lock) {
      source = s;
      useless = over;
    }
    if (useless) {
      s.cancel();
    } else {
      ask();
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      cancelSource();
      onError(new IllegalArgumentException("demand " + n + " must be positive (§3.9)"));
      return;
    }
    synchronized (lock) {
      wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
    }
    ask();
  }

  private void ask() {
    Flow.Subscription s;
    synchronized (lock) {
      s = source;
      if (over || asked || wanted == 0 || s == null) {
        return;
      }
      asked = true;
      wanted -= wanted == Long.MAX_VALUE ? 0 : 1;
    }
    s.request(1);
  }

  @Override
  public void onNext(Message message) {
    long gap;
    synchronized (lock) {
      handling = true;
      gap = missed;
      missed = 0;
    }
    tasks.execute(() -> handle(message, gap));
  }

  private void handle(Message message, long gap) {
    Throwable failure = null;
    Flow.Subscriber<? super T> to = living();
    if (to != null) {
      try {
        to.onNext(decoder.decode(message, gap));
      } catch (Throwable e) {
        failure = e;
      }
    }
    synchronized (lock) {
      handling = false;
      asked = false;
      end = end == null ? failure : end;
      failure = end;
    }
    if (failure == null) {
      ask();
    } else {
      cancelSource();
      finish();
    }
  }

  @Override
  public void onError(Throwable failure) {
    synchronized (lock) {
      end = end == null ? failure : end;
      if (handling) {
        return; // Told behind what is being handled.
      }
    }
    tasks.execute(this::finish);
  }

  @Override
  public void onComplete() {
    onError(new IllegalStateException("a broker ends no subscription in order"));
  }

  private void finish() {
    Flow.Subscriber<? super T> to;
    Throwable why;
    synchronized (lock) {
      to = over ? null : target;
      why = end;
      over = true;
    }
    if (to != null && why != null) {
      to.onError(why);
    }
  }

  private Flow.@Nullable Subscriber<? super T> living() {
    synchronized (lock) {
      return over ? null : target;
    }
  }

  @Override
  public void cancel() {
    synchronized (lock) {
      over = true;
    }
    cancelSource();
  }

  private void cancelSource() {
    Flow.Subscription s;
    synchronized (lock) {
      s = source;
    }
    if (s != null) {
      s.cancel();
    }
  }
}
