package io.carrick.core.call;

import io.carrick.CallCancelledException;
import io.carrick.CallContext;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.TypeRef;
import io.carrick.core.message.Body;
import io.carrick.core.message.Failure;
import io.carrick.core.message.Interceptors;
import io.carrick.core.path.MessengerContext;
import io.carrick.core.run.GuardedFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The result of a call with interceptors around it. Its deadline runs from the call on; cancelling
 * it, or ending it in another way, reaches what they have begun.
 */
final class InterceptedCall<R> extends GuardedFuture<R> {

  private final MessengerContext node;
  private final TypeRef<R> type;
  private final String what;
  private final CallClock clock;

  // Guarded by itself: what goes on, and must end with this.
  private final List<CompletableFuture<?>> begun = new ArrayList<>(2);

  InterceptedCall(MessengerContext node, TypeRef<R> type, String what, CallClock clock) {
    super(node.tasks());
    this.node = node;
    this.type = type;
    this.what = what;
    this.clock = clock;
  }

  CompletableFuture<R> start(
      CallContext context,
      Message message,
      Interceptors.Step<Message, CompletableFuture<Message>> call) {
    clock.start(super::completeExceptionally);
    // Whoever ends it: its deadline, its interceptors or the application.
    super.whenComplete((reply, failure) -> over());
    CompletionStage<Message> stage =
        node.calls().unary(context, message, (attempt, m) -> begin(call, attempt, m));
    try {
      stage.whenComplete(this::end);
    } catch (Throwable e) {
      super.completeExceptionally(Failure.messaging(e, what));
    }
    if (stage instanceof CompletableFuture<?> future) {
      endsWithThis(future);
    }
    return this;
  }

  private CompletableFuture<Message> begin(
      Interceptors.Step<Message, CompletableFuture<Message>> call,
      CallContext attempt,
      Message message) {
    DeadlineExceededException late = clock.late();
    if (late != null) {
      return CompletableFuture.failedFuture(late);
    }
    if (isDone()) {
      return CompletableFuture.failedFuture(
          new CallCancelledException(Delivered.NO, what + " is over: nothing more begins for it"));
    }
    CompletableFuture<Message> next = call.apply(attempt, message);
    clock.begins(next);
    endsWithThis(next);
    return next;
  }

  private void endsWithThis(CompletableFuture<?> future) {
    if (future.isDone()) {
      return;
    }
    synchronized (begun) {
      begun.add(future);
    }
    future.whenComplete(
        (reply, failure) -> {
          synchronized (begun) {
            begun.removeIf(other -> other == future);
          }
        });
    if (isDone()) {
      future.cancel(false);
    }
  }

  private void over() {
    clock.reached();
    List<CompletableFuture<?>> left;
    synchronized (begun) {
      left = List.copyOf(begun);
    }
    left.forEach(future -> future.cancel(false));
  }

  private void end(@Nullable Message reply, @Nullable Throwable failure) {
    if (failure != null) {
      super.completeExceptionally(Failure.messaging(failure, what));
      return;
    }
    try {
      super.complete(
          reply == null
              ? new Body<R>(null).value()
              : new Body<>(node.codecs().decodeReply(() -> reply, type)).value());
    } catch (Throwable e) {
      super.completeExceptionally(Failure.messaging(e, what));
    }
  }
}
