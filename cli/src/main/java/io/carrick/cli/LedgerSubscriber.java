package io.carrick.cli;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Notes numbered items in a ledger; asks for a few at a time. */
final class LedgerSubscriber implements Flow.Subscriber<String> {

  private static final int BATCH = 256;

  private final Ledger ledger;
  private final LongConsumer progress;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  // Touched only in callbacks, which never overlap.
  private Flow.@Nullable Subscription subscription;
  private long seen;

  LedgerSubscriber(Ledger ledger, LongConsumer progress) {
    this.ledger = ledger;
    this.progress = progress;
  }

  /** Completes at the end of the stream. */
  CompletableFuture<Void> done() {
    return done;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    s.request(BATCH);
  }

  @Override
  public void onNext(String number) {
    ledger.receive(Integer.parseInt(number));
    progress.accept(++seen);
    if (seen % (BATCH / 2) == 0) {
      Objects.requireNonNull(subscription, "onNext before onSubscribe").request(BATCH / 2);
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
}
