package io.carrick.core.flow;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The items of another publisher, each mapped; a failure to map cancels and ends it. */
public final class MappedPublisher<A, B> implements Flow.Publisher<B> {

  private final Flow.Publisher<? extends A> source;
  private final Function<? super A, ? extends B> map;

  public MappedPublisher(Flow.Publisher<? extends A> source, Function<? super A, ? extends B> map) {
    this.source = source;
    this.map = map;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super B> subscriber) {
    source.subscribe(new Mapping(Objects.requireNonNull(subscriber, "subscriber")));
  }

  private final class Mapping implements Flow.Subscriber<A> {

    private final Flow.Subscriber<? super B> target;

    // Signals are serial (Reactive Streams §1.3).
    private Flow.@Nullable Subscription subscription;
    private boolean done;

    Mapping(Flow.Subscriber<? super B> target) {
      this.target = target;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
      target.onSubscribe(s);
    }

    @Override
    public void onNext(A item) {
      if (done) {
        return;
      }
      B mapped;
      try {
        mapped = map.apply(item);
      } catch (Throwable e) {
        done = true;
        try {
          Flow.Subscription s = subscription;
          if (s != null) {
            s.cancel();
          }
        } finally {
          target.onError(e);
        }
        return;
      }
      target.onNext(mapped);
    }

    @Override
    public void onError(Throwable failure) {
      if (!done) {
        done = true;
        target.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      if (!done) {
        done = true;
        target.onComplete();
      }
    }
  }
}
