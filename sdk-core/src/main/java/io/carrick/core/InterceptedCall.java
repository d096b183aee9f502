package io.carrick.core;

import io.carrick.CallContext;
import io.carrick.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The result of a call with interceptors around it; cancelling reaches what they have begun. */
final class InterceptedCall<R> extends GuardedFuture<R> {

  private final Node node;
  private final Class<R> type;
  private volatile @Nullable CompletableFuture<?> inner;
  private volatile boolean abandoned;

  InterceptedCall(Node node, Class<R> type) {
    super(node.tasks());
    this.node = node;
    this.type = type;
  }

  CompletableFuture<R> start(
      CallContext context, Message message, Function<Message, CompletableFuture<Message>> call) {
    CompletionStage<Message> stage =
        node.calls()
            .unary(
                context,
                message,
                m -> {
                  CompletableFuture<Message> begun = call.apply(m);
                  inner = begun;
                  if (abandoned) {
                    begun.cancel(false);
                  }
                  return begun;
                });
    try {
      stage.whenComplete(this::end);
    } catch (Throwable e) {
      super.completeExceptionally(e);
    }
    return this;
  }

  private void end(@Nullable Message reply, @Nullable Throwable failure) {
    if (failure != null) {
      super.completeExceptionally(Failure.unwrap(failure));
      return;
    }
    try {
      super.complete(
          reply == null
              ? new Route.Body<R>(null).value()
              : new Route.Body<>(node.codecs().decodeReply(reply, type)).value());
    } catch (Throwable e) {
      super.completeExceptionally(Failure.messaging(e, "the call"));
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) {
      abandon();
    }
    return cancelled;
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    boolean done = super.completeExceptionally(failure);
    if (done) {
      abandon();
    }
    return done;
  }

  private void abandon() {
    abandoned = true;
    CompletableFuture<?> begun = inner;
    if (begun != null) {
      begun.cancel(false);
    }
  }
}
