package io.carrick.transport.grpc;

import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.ItemWriter;
import io.carrick.transport.support.edge.Patience;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Reply;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import org.jspecify.annotations.Nullable;

/** One message and many answers: Stream and Subscribe. */
final class PlainStream extends ServerCall.Listener<Call> {

  /** What a method does. */
  interface Method {
    void open(PlainCaller caller, Message message, ItemWriter writer);
  }

  private final ServerCall<Call, Reply> call;
  private final Metadata metadata;
  private final Method method;
  private final ItemWriter writer;
  private final Patience patience;
  private final CallTerm term = new CallTerm();

  // Callbacks of one call come one at a time.
  private @Nullable Call message;

  private PlainStream(ServerCall<Call, Reply> call, Metadata metadata, Method method) {
    this.call = call;
    this.metadata = metadata;
    this.method = method;
    this.writer = ItemReplies.of(call, () -> false);
    this.patience = new Patience(CallSocket.timer(call.getAttributes()), writer::fail);
  }

  /** Answers calls. */
  static ServerCallHandler<Call, Reply> handler(Method method) {
    return (call, metadata) -> {
      PlainStream begun = new PlainStream(call, metadata, method);
      PlainIntake.begin(call.getAttributes(), begun.writer::fail);
      call.request(2); // The second one would be one too many.
      return begun;
    };
  }

  @Override
  public void onMessage(Call received) {
    if (message != null) {
      writer.fail(
          EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, "the call has two messages: send one"));
    }
    message = received;
  }

  @Override
  public void onHalfClose() {
    patience.end();
    Call received = message;
    message = null;
    if (received == null) {
      writer.fail(
          EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, "the call has no message: send one"));
      return;
    }
    try {
      PlainCaller caller = PlainCaller.of(call, metadata);
      method.open(caller, caller.message(received), writer);
      term.begin(CallSocket.timer(call.getAttributes()), caller.expires(), writer::fail);
    } catch (MessagingException e) {
      writer.fail(e);
    }
  }

  @Override
  public void onReady() {
    writer.ready();
  }

  @Override
  public void onComplete() {
    term.end();
  }

  @Override
  public void onCancel() {
    patience.end();
    term.end();
    writer.cancel();
  }
}
