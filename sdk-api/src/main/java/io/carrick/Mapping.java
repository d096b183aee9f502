package io.carrick;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Between a publisher and a subscriber: makes each item into another. */
final class Mapping<T, R> implements Flow.Subscriber<T>, Flow.Subscription {

  private final Flow.Subscriber<? super R> to;
  private final Function<? super T, ? extends R> function;
  private volatile Flow.@Nullable Subscription subscription;

  /** Nothing more goes out; used by signals, which come one at a time. */
  private boolean over;

  Mapping(Flow.Subscriber<? super R> to, Function<? super T, ? extends R> function) {
    this.to = to;
    this.function = function;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    Objects.requireNonNull(given, "subscription");
    if (subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    to.onSubscribe(this);
  }

  @Override
  public void onNext(T item) {
    Objects.requireNonNull(item, "item");
    if (over) {
      return;
    }
    R made;
    try {
      made = Objects.requireNonNull(function.apply(item), "a function of map must not return null");
    } catch (Throwable e) {
      over = true;
      cancel();
      to.onError(e);
      return;
    }
    to.onNext(made);
  }

  @Override
  public void onError(Throwable failure) {
    Objects.requireNonNull(failure, "failure");
    if (!over) {
      over = true;
      to.onError(failure);
    }
  }

  @Override
  public void onComplete() {
    if (!over) {
      over = true;
      to.onComplete();
    }
  }

  @Override
  public void request(long n) {
    Flow.Subscription from = subscription;
    if (from != null) {
      from.request(n);
    }
  }

  @Override
  public void cancel() {
    Flow.Subscription from = subscription;
    if (from != null) {
      from.cancel();
    }
  }
}
