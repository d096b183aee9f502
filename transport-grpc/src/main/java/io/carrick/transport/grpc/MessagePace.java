package io.carrick.transport.grpc;

import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a least rate while a message of a call is incomplete, which many small frames may bring.
 * Called on the event loop of its connection.
 */
class MessagePace extends ServerStreamTracer {

  private @Nullable Pace pace;

  @Override
  public final void serverCallStarted(ServerCallInfo<?, ?> info) {
    Channel channel = info.getAttributes().get(Guard.CHANNEL);
    if (channel != null) {
      pace = new Pace(Door.of(channel), "a message");
    }
  }

  @Override
  public final void inboundMessage(int number) {
    Pace present = pace;
    if (present != null) {
      present.open();
    }
  }

  @Override
  public void inboundWireSize(long more) {
    Pace present = pace;
    if (present != null) {
      present.count(more);
    }
  }

  @Override
  public final void inboundMessageRead(int number, long wireSize, long size) {
    Pace present = pace;
    if (present != null) {
      present.complete();
    }
  }

  @Override
  public void streamClosed(Status status) {
    Pace present = pace;
    if (present != null) {
      Loops.execute(present.loop(), present::end);
    }
  }
}
