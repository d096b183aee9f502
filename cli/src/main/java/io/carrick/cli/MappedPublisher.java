package io.carrick.cli;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what a function makes of each item of another publisher; demand passes through. What
 * the function throws ends both.
 *
 * @param <T> what comes in
 * @param <R> what goes out
 */
final class MappedPublisher<T, R> implements Flow.Publisher<R> {

  private final Flow.Publisher<T> source;
  private final Supplier<Function<? super T, ? extends R>> functions;

  /**
   * Creates a publisher.
   *
   * @param functions gives each subscriber a function of its own, which may have state
   */
  MappedPublisher(Flow.Publisher<T> source, Supplier<Function<? super T, ? extends R>> functions) {
    this.source = source;
    this.functions = functions;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super R> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    source.subscribe(new Mapping<T, R>(functions.get(), subscriber));
  }

  private static final class Mapping<T, R> implements Flow.Subscriber<T> {

    private final Function<? super T, ? extends R> function;
    private final Flow.Subscriber<? super R> subscriber;
    private Flow.@Nullable Subscription upstream;
    private boolean ended;

    Mapping(Function<? super T, ? extends R> function, Flow.Subscriber<? super R> subscriber) {
      this.function = function;
      this.subscriber = subscriber;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      upstream = s;
      subscriber.onSubscribe(s);
    }

    @Override
    public void onNext(T item) {
      if (ended) {
        return;
      }
      R result;
      try {
        result = function.apply(item);
      } catch (RuntimeException e) {
        ended = true;
        Objects.requireNonNull(upstream, "onNext before onSubscribe").cancel();
        subscriber.onError(e);
        return;
      }
      subscriber.onNext(result);
    }

    @Override
    public void onError(Throwable failure) {
      if (!ended) {
        ended = true;
        subscriber.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      if (!ended) {
        ended = true;
        subscriber.onComplete();
      }
    }
  }
}
