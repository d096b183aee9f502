package io.carrick.transport.grpc;

import io.carrick.Call;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.wire.v1.Kind;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request, or a one-way message that is on its way to be handled. */
final class OpenOneShot extends OpenCall {

  /** Completes with the reply, or empty when a one-way message was handled. */
  final CompletableFuture<Message> outcome = new CompletableFuture<>();

  OpenOneShot(long id, Kind kind, Message message, Call call) {
    super(id, kind, message, call, () -> {});
  }

  @Override
  @Nullable String answer(Message reply) {
    outcome.complete(reply);
    return null;
  }

  @Override
  void finish() {
    outcome.complete(Message.empty());
  }

  @Override
  void fail(MessagingException failure) {
    outcome.completeExceptionally(failure);
  }

  @Override
  boolean endsByAnswer() {
    return true;
  }
}
