package io.carrick.core.serve;

import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.TypeRef;
import io.carrick.core.flow.DeferredSubscription;
import io.carrick.core.flow.FailedPublisher;
import io.carrick.core.flow.MappedPublisher;
import io.carrick.core.flow.NativeValues;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import io.carrick.core.run.GuardedFuture;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A call that came from a native edge. */
final class NativeCall extends ServedCall {

  /**
   * What its edge says of it.
   *
   * @param origin whom it is in order with
   * @param timeoutNanos its deadline; 0 for none
   * @param accept the content types that its caller takes, best first; empty for any
   */
  record Terms(Origin origin, long timeoutNanos, List<String> accept) {}

  private final List<String> accept;
  private final Message opening;
  private final Flow.@Nullable Publisher<Message> values;
  private final Flow.@Nullable Subscriber<? super Message> subscriber;
  private final Result result;
  private final DeferredSubscription subscription;
  private final AtomicBoolean over = new AtomicBoolean(); // Whether the subscriber was told.
  private volatile boolean taken;

  NativeCall(
      Router router,
      Kind kind,
      Principal principal,
      Terms terms,
      Message opening,
      Flow.@Nullable Publisher<Message> values,
      Flow.@Nullable Subscriber<? super Message> subscriber) {
    super(router, kind, opening.topic(), principal, terms.origin(), terms.timeoutNanos());
    this.accept = terms.accept();
    this.opening = opening;
    this.values = values;
    this.subscriber = subscriber;
    this.result = new Result(router.tasks);
    this.subscription = new DeferredSubscription(router.tasks, this::cancelled, this::failed);
  }

  /** Cancelling it cancels the call. */
  private final class Result extends GuardedFuture<Message> {

    Result(ApplicationExecutor tasks) {
      super(tasks);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        cancelled();
      }
      return cancelled;
    }
  }

  CompletionStage<Message> result() {
    return result;
  }

  /** Ends the call when its deadline passes. */
  void expireBy(Delays delays) {
    long left = remaining().map(Duration::toNanos).orElse(0L);
    Delays.Delay timer = delays.after(left, () -> router.tasks.execute(this::expired));
    result.whenComplete((reply, failure) -> timer.cancel());
  }

  private void expired() {
    cancelled();
    result.completeExceptionally(
        new DeadlineExceededException(
            taken ? Delivered.MAYBE : Delivered.NO,
            kind + " " + topic + " at " + router.service + ": its deadline passed"));
  }

  /** Gives the subscriber its subscription, so that it may cancel before a handler answers. */
  void opened() {
    Flow.Subscriber<? super Message> target = subscriber;
    if (target != null) {
      target.onSubscribe(subscription);
    }
  }

  @Override
  @Nullable Message take() {
    taken = true;
    return isCancelled() ? null : opening;
  }

  @Override
  void reply(@Nullable Encoded reply) {
    Message message =
        reply == null
            ? Message.empty()
            : Message.wrap("", reply.headers(), reply.contentType(), reply.payload());
    OverloadedException tooLarge = router.tooLarge(message.size(), Delivered.YES);
    router.tasks.execute(
        () -> {
          if (tooLarge == null) {
            result.complete(message);
          } else {
            result.completeExceptionally(tooLarge);
          }
        });
  }

  @Override
  void fail(Failure failure) {
    Flow.Subscriber<? super Message> target = subscriber;
    if (target == null) {
      router.tasks.execute(() -> result.completeExceptionally(failure.toException()));
    } else if (over.compareAndSet(false, true)) {
      router.tasks.execute(() -> target.onError(failure.toException()));
      subscription.cancel();
    }
  }

  @Override
  public void lost(Throwable thrown) {
    try {
      Flow.Subscriber<? super Message> target = subscriber;
      if (target == null) {
        result.completeExceptionally(thrown);
      } else if (over.compareAndSet(false, true)) {
        target.onError(thrown);
        subscription.cancel();
      }
    } catch (Throwable again) {
      ApplicationExecutor.failed(again);
    }
  }

  @Override
  <Q> Flow.Publisher<Q> values(TypeRef<Q> type) {
    Flow.Publisher<Message> source = values;
    return source == null
        ? new FailedPublisher<>(new IllegalStateException(topic + " is no channel"))
        : new MappedPublisher<>(
            new NativeValues(router.tasks, topic, source, this::failed),
            m -> new Body<>(router.codecs.decode(m, type)).value());
  }

  @Override
  void stream(Flow.Publisher<?> items) {
    Flow.Subscriber<? super Message> target = subscriber;
    if (target != null) {
      new MappedPublisher<Object, Message>(items, this::encodeMessage).subscribe(new Items(target));
    }
  }

  /** Passes items on, failures as what a peer would see, and tells the handler of a cancel. */
  private final class Items implements Flow.Subscriber<Message> {

    private final Flow.Subscriber<? super Message> target;

    Items(Flow.Subscriber<? super Message> target) {
      this.target = target;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription.begin(s);
    }

    @Override
    public void onNext(Message item) {
      OverloadedException tooLarge = router.tooLarge(item.size(), Delivered.YES);
      if (tooLarge != null) {
        subscription.cancel();
        end(tooLarge);
      } else if (!over.get()) {
        target.onNext(item);
      }
    }

    @Override
    public void onError(Throwable failure) {
      end(failureOf(failure).toException());
    }

    private void end(MessagingException failure) {
      if (over.compareAndSet(false, true)) {
        target.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      if (over.compareAndSet(false, true)) {
        target.onComplete();
      }
    }
  }

  @Override
  List<String> accept() {
    return accept;
  }

  @Override
  List<String> offered() {
    return List.of();
  }

  @Override
  public Optional<String> service() {
    return Optional.empty();
  }

  @Override
  public Optional<String> instance() {
    return Optional.empty();
  }

  @Override
  public Priority priority() {
    return Priority.NORMAL;
  }

  @Override
  public Remote peer() {
    throw new SessionLostException(
        Delivered.NO,
        "the caller of " + topic + " has no session: it came over a native edge",
        null);
  }
}
