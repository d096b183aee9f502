package io.carrick.core.serve;

import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.core.message.Failure;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A subscription at this node as a flow: what its subscriber asks for is what it takes. */
final class FlowSubscription extends PeerSubscription implements Flow.Subscription {

  private final Flow.Subscriber<? super Message> subscriber;
  private final LongConsumer missedBefore;
  private final AtomicLong asked = new AtomicLong();
  private volatile @Nullable Throwable badRequest;

  /**
   * A subscription for a subscriber.
   *
   * @param missedBefore told how many messages were dropped, right before the one that was next
   */
  FlowSubscription(
      Router router,
      String filter,
      OverflowPolicy policy,
      Principal principal,
      LongConsumer missedBefore,
      Flow.Subscriber<? super Message> subscriber) {
    super(router, filter, policy, principal);
    this.missedBefore = missedBefore;
    this.subscriber = subscriber;
  }

  /** Begins it. */
  void start() {
    subscriber.onSubscribe(this);
    begin();
  }

  @Override
  long supply() {
    return asked.getAndSet(0);
  }

  @Override
  boolean emit(Publication p, long missed) {
    if (missed > 0) {
      missedBefore.accept(missed);
    }
    subscriber.onNext(p.message());
    return true;
  }

  @Override
  void fail(Failure failure) {
    Throwable fault = badRequest;
    subscriber.onError(fault == null ? failure.toException() : fault);
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      String rule = "request(" + n + ") must be positive (Reactive Streams rule 3.9)";
      badRequest = new IllegalArgumentException(rule);
      endWith(Failure.refusal(StatusCode.INVALID_ARGUMENT, rule));
      return;
    }
    asked.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
    drain();
  }

  @Override
  public void cancel() {
    end();
  }
}
