package io.carrick;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes all items of a publisher, and asks for more as they are taken. */
final class Taking<T, R> implements Flow.Subscriber<T> {

  private final Consumer<? super T> consumer;
  private final Supplier<? extends @Nullable R> result;
  private final CompletableFuture<R> done = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;
  private int taken;

  private Taking(Consumer<? super T> consumer, Supplier<? extends @Nullable R> result) {
    this.consumer = consumer;
    this.result = result;
  }

  /** The future of what there is when all have been taken. */
  static <T, R> CompletableFuture<R> all(
      Flow.Publisher<? extends T> items,
      Consumer<? super T> consumer,
      Supplier<? extends @Nullable R> result) {
    Taking<T, R> taking = new Taking<>(consumer, result);
    items.subscribe(taking);
    return taking.done;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    Objects.requireNonNull(given, "subscription");
    if (subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    done.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            given.cancel();
          }
        });
    if (!done.isDone()) {
      given.request(Flows.PREFETCH);
    }
  }

  @Override
  public void onNext(T item) {
    Objects.requireNonNull(item, "item");
    if (done.isDone()) {
      return;
    }
    try {
      consumer.accept(item);
    } catch (Throwable e) {
      done.completeExceptionally(e);
      return;
    }
    Flow.Subscription from = subscription;
    if (++taken >= Flows.PREFETCH / 2 && from != null) {
      int more = taken;
      taken = 0;
      from.request(more);
    }
  }

  @Override
  public void onError(Throwable failure) {
    done.completeExceptionally(Objects.requireNonNull(failure, "failure"));
  }

  @Override
  public void onComplete() {
    try {
      done.complete(result.get());
    } catch (Throwable e) {
      done.completeExceptionally(e);
    }
  }
}
