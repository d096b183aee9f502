package io.carrick.core;

import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.core.frame.Kind;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A call that came from a native edge. */
final class NativeCall extends ServedCall {

  private final Message opening;
  private final Flow.@Nullable Publisher<Message> values;
  private final Flow.@Nullable Subscriber<? super Message> subscriber;
  private final Result result;

  NativeCall(
      Router router,
      Kind kind,
      Principal principal,
      Origin origin,
      Message opening,
      Flow.@Nullable Publisher<Message> values,
      Flow.@Nullable Subscriber<? super Message> subscriber) {
    super(router, kind, opening.topic(), principal, origin, 0);
    this.opening = opening;
    this.values = values;
    this.subscriber = subscriber;
    this.result = new Result(router.tasks);
  }

  /** Cancelling it cancels the call. */
  private final class Result extends GuardedFuture<Message> {

    Result(Tasks tasks) {
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

  @Override
  Message take() {
    return opening;
  }

  @Override
  void reply(@Nullable Encoded reply) {
    Message message =
        reply == null
            ? Message.empty()
            : Message.wrap("", reply.headers(), reply.contentType(), reply.payload());
    router.tasks.execute(() -> result.complete(message));
  }

  @Override
  void fail(Failure failure) {
    Flow.Subscriber<? super Message> target = subscriber;
    router.tasks.execute(
        target == null
            ? () -> result.completeExceptionally(failure.toException())
            : () -> FailedPublisher.fail(target, failure.toException()));
  }

  @Override
  <Q> Flow.Publisher<Q> values(Class<Q> type) {
    Flow.Publisher<Message> source = values;
    return source == null
        ? new FailedPublisher<>(new IllegalStateException(topic + " is no channel"))
        : new MappedPublisher<>(
            source, m -> new Route.Body<>(router.codecs.decode(m, type)).value());
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
      target.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              s.request(n);
            }

            @Override
            public void cancel() {
              s.cancel();
              cancelled();
            }
          });
    }

    @Override
    public void onNext(Message item) {
      target.onNext(item);
    }

    @Override
    public void onError(Throwable failure) {
      Failure f =
          Failure.unwrap(failure) instanceof RefusedException refused
              ? refused.failure()
              : Failure.ofHandler(topic, failure);
      target.onError(f.toException());
    }

    @Override
    public void onComplete() {
      target.onComplete();
    }
  }

  @Override
  List<String> accept() {
    return List.of();
  }

  @Override
  List<String> offered() {
    return List.of();
  }

  @Override
  String peerService() {
    return "";
  }

  @Override
  public Remote peer() {
    throw new SessionLostException(
        Delivered.NO,
        "the caller of " + topic + " has no session: it came over a native edge",
        null);
  }
}
