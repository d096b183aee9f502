package io.carrick.transport.grpc;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.ItemWriter;
import io.carrick.transport.support.edge.Patience;
import io.carrick.transport.support.edge.Pipe;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Reply;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Many messages and many answers: Channel. The first message only opens it. The end of the answers
 * ends the call, so it waits for the end of the values while the handler takes them.
 */
final class PlainChannel extends ServerCall.Listener<Call> {

  private final ServerCall<Call, Reply> call;
  private final Metadata metadata;
  private final ItemWriter writer;
  private final Pipe<Message> values;
  private final PlainIntake.Held held;
  private final Patience patience;
  private final CallTerm term = new CallTerm();

  // Callbacks of one call come one at a time.
  private @Nullable Message opening;
  private String contentType = "";

  private PlainChannel(ServerCall<Call, Reply> call, Metadata metadata) {
    this.call = call;
    this.metadata = metadata;
    this.values = new Pipe<>(new Caller());
    this.writer = ItemReplies.of(call, values::isWanted);
    this.held = PlainIntake.begin(call.getAttributes(), this::refuse);
    this.patience = new Patience(CallSocket.timer(call.getAttributes()), this::refuse);
  }

  static ServerCallHandler<Call, Reply> handler() {
    return (call, metadata) -> {
      PlainChannel begun = new PlainChannel(call, metadata);
      call.request(1);
      return begun;
    };
  }

  /** The values are asked for as the handler takes them; gRPC makes the caller wait. */
  private final class Caller implements Pipe.Source {

    @Override
    public void request(long n) {
      call.request((int) Math.min(n, Integer.MAX_VALUE));
    }

    @Override
    public void cancel() {
      // What was asked for is dropped, more is not asked for; replies go on.
      writer.release();
    }
  }

  @Override
  public void onMessage(Call received) {
    held.release();
    patience.end();
    try {
      if (opening == null) {
        open(received);
      } else {
        Message value = value(received);
        held.requireSize(value.size());
        contentType = value.contentType();
        values.item(value);
      }
    } catch (MessagingException e) {
      refuse(e);
    }
  }

  private void open(Call received) {
    PlainCaller caller = PlainCaller.of(call, metadata);
    Message first = caller.message(received);
    if (first.size() > 0) {
      throw EdgeFailure.refusal(
          StatusCode.INVALID_ARGUMENT,
          "the first message of a channel opens it and has no payload, this one has "
              + first.size()
              + " bytes: send the first value in a message of its own");
    }
    opening = first;
    contentType = first.contentType();
    caller.calls().channel(caller.principal(), first, values).subscribe(writer);
    term.begin(CallSocket.timer(call.getAttributes()), caller.expires(), this::refuse);
  }

  private Message value(Call received) {
    try {
      return PlainMessages.of(received, List.of(), contentType).withTopic("");
    } catch (IllegalArgumentException e) {
      throw EdgeFailure.malformed(e);
    }
  }

  private void refuse(MessagingException e) {
    writer.fail(opening == null ? e : perhapsDelivered(e));
    values.end(e);
  }

  /** What is refused once the channel is open says nothing of the values before. */
  private static MessagingException perhapsDelivered(MessagingException e) {
    return e.delivered() == Delivered.NO
        ? new CallException(
            e.code(), Delivered.MAYBE, String.valueOf(e.getMessage()), e.details(), e)
        : e;
  }

  @Override
  public void onHalfClose() {
    patience.end();
    if (opening == null) {
      refuse(
          EdgeFailure.refusal(
              StatusCode.INVALID_ARGUMENT,
              "the channel was never opened: send a message with its topic first"));
    } else {
      values.end(null);
      writer.release();
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
    values.end(new CallCancelledException(Delivered.MAYBE, "the caller of the channel went away"));
  }
}
