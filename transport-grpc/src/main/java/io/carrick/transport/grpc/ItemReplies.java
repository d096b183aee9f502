package io.carrick.transport.grpc;

import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.EdgeResponse;
import io.carrick.transport.support.edge.ItemWriter;
import io.carrick.wire.v1.Reply;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.BooleanSupplier;

/** The replies of a call whose items are many. */
final class ItemReplies implements EdgeResponse {

  private final ServerCall<?, Reply> call;

  private ItemReplies(ServerCall<?, Reply> call) {
    this.call = call;
  }

  /** Writes to a call, which goes on for as long as it is held. */
  static ItemWriter of(ServerCall<?, Reply> call, BooleanSupplier held) {
    return new ItemWriter(new ItemReplies(call), PlainIntake.unread(call.getAttributes()), held);
  }

  private record ReplyItem(ServerCall<?, Reply> call, Reply reply) implements Item {

    @Override
    public int bytes() {
      return reply.getSerializedSize();
    }

    @Override
    public void send() {
      call.sendMessage(reply);
    }
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public Item item(Message message) {
    return new ReplyItem(call, PlainMessages.reply(message));
  }

  @Override
  public void accepted() {
    call.sendHeaders(new Metadata());
  }

  @Override
  public void keep(int bytes) {
    call.setOnReadyThreshold(bytes);
  }

  @Override
  public void end() {
    call.close(Status.OK, new Metadata());
  }

  @Override
  public void end(EdgeFailure failure) {
    PlainStatus told = PlainStatus.of(failure);
    call.close(told.status(), told.trailers());
  }
}
