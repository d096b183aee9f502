package io.carrick.core.flow;

import java.util.Objects;
import java.util.concurrent.Flow;

/** Fails each of its subscribers at once. */
public final class FailedPublisher<T> implements Flow.Publisher<T> {

  private final Throwable failure;

  public FailedPublisher(Throwable failure) {
    this.failure = failure;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    fail(Objects.requireNonNull(subscriber, "subscriber"), failure);
  }

  /** Ends a subscriber that has no subscription yet, by the rules (Reactive Streams §1.9). */
  public static void fail(Flow.Subscriber<?> subscriber, Throwable failure) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long n) {}

          @Override
          public void cancel() {}
        });
    subscriber.onError(failure);
  }
}
