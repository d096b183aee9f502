package io.carrick.transport.grpc;

import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.Patience;
import io.carrick.wire.v1.Call;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One message and one answer: Request, Send and Publish.
 *
 * @param <T> what the node answers
 * @param <R> the same as protobuf has it
 */
final class PlainUnary<T, R> extends ServerCall.Listener<Call> {

  /**
   * What a method does.
   *
   * @param <T> what the node answers
   */
  interface Method<T> {
    CompletionStage<T> invoke(PlainCaller caller, Message message);
  }

  private final ServerCall<Call, R> call;
  private final Metadata metadata;
  private final Method<T> method;
  private final Function<? super @Nullable T, R> reply;
  private final Patience patience;
  private final CallTerm term = new CallTerm();
  private final AtomicBoolean answered = new AtomicBoolean();

  // Callbacks of one call come one at a time.
  private @Nullable Call message;
  private @Nullable CompletableFuture<?> running;

  private PlainUnary(
      ServerCall<Call, R> call,
      Metadata metadata,
      Method<T> method,
      Function<? super @Nullable T, R> reply) {
    this.call = call;
    this.metadata = metadata;
    this.method = method;
    this.reply = reply;
    this.patience = new Patience(CallSocket.timer(call.getAttributes()), this::fail);
  }

  static <T, R> ServerCallHandler<Call, R> handler(
      Method<T> method, Function<? super @Nullable T, R> reply) {
    return (call, metadata) -> {
      PlainUnary<T, R> begun = new PlainUnary<>(call, metadata, method, reply);
      PlainIntake.begin(call.getAttributes(), begun::fail);
      call.request(2); // The second one would be one too many.
      return begun;
    };
  }

  @Override
  public void onMessage(Call received) {
    if (message != null) {
      fail(EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, "the call has two messages: send one"));
    }
    message = received;
  }

  @Override
  public void onHalfClose() {
    patience.end();
    Call received = message;
    message = null;
    if (answered.get()) {
      return;
    }
    if (received == null) {
      fail(EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, "the call has no message: send one"));
      return;
    }
    try {
      PlainCaller caller = PlainCaller.of(call, metadata);
      CompletableFuture<T> answer =
          method.invoke(caller, caller.message(received)).toCompletableFuture();
      running = answer;
      term.begin(
          CallSocket.timer(call.getAttributes()),
          caller.expires(),
          expired -> {
            fail(expired);
            answer.cancel(true);
          });
      answer.whenComplete(this::answer);
    } catch (MessagingException e) {
      fail(e);
    }
  }

  private void answer(@Nullable T result, @Nullable Throwable failure) {
    if (failure != null) {
      fail(failure);
      return;
    }
    if (!answered.compareAndSet(false, true)) {
      return;
    }
    call.sendHeaders(new Metadata());
    call.sendMessage(reply.apply(result));
    call.close(io.grpc.Status.OK, new Metadata());
  }

  private void fail(Throwable failure) {
    if (!answered.compareAndSet(false, true)) {
      return;
    }
    PlainStatus told = PlainStatus.of(failure);
    call.close(told.status(), told.trailers());
  }

  @Override
  public void onComplete() {
    term.end();
  }

  @Override
  public void onCancel() {
    patience.end();
    term.end();
    CompletableFuture<?> answer = running;
    if (answer != null) {
      answer.cancel(true);
    }
  }
}
