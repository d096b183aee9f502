package io.carrick.cli;

import io.carrick.Message;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Prints items as they come, asks for as many as it can print, and stops after a number of them or
 * when nobody reads any more.
 */
final class ItemPrinter implements Flow.Subscriber<Message> {

  private static final int BATCH = 128;

  private final Predicate<Message> print;
  private final long count;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  // Set once, in a callback.
  private volatile Flow.@Nullable Subscription subscription;
  // Touched only in callbacks, which never overlap.
  private long seen;
  private int open;

  /**
   * Creates a printer.
   *
   * @param print prints an item and returns whether somebody still reads
   * @param count how many to print
   */
  ItemPrinter(Predicate<Message> print, long count) {
    this.print = print;
    this.count = count;
  }

  /** Completes when the last item was printed. */
  CompletableFuture<Void> done() {
    return done;
  }

  /** Wants no more, from any thread. */
  void cancel() {
    done.cancel(false);
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    ask();
  }

  @Override
  public void onNext(Message item) {
    if (done.isDone()) {
      return;
    }
    seen++;
    open--;
    if (!print.test(item) || seen == count) {
      upstream().cancel();
      done.complete(null);
    } else if (open == 0) {
      ask();
    }
  }

  @Override
  public void onError(Throwable failure) {
    done.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    done.complete(null);
  }

  private void ask() {
    open = (int) Math.min(BATCH, count - seen);
    upstream().request(open);
  }

  private Flow.Subscription upstream() {
    return Objects.requireNonNull(subscription, "onNext before onSubscribe");
  }
}
