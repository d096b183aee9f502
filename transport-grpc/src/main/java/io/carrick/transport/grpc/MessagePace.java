package io.carrick.transport.grpc;

import io.carrick.netty.Door;
import io.carrick.netty.Loops;
import io.carrick.transport.support.Pace;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a least rate while a message of a call is incomplete, which many small frames may bring,
 * and ends what is too large while it comes: gRPC would log each with a trace. Called on the event
 * loop of its connection.
 */
class MessagePace extends ServerStreamTracer {

  private final long mostBytes;
  private @Nullable Pace pace;
  private @Nullable Door door;
  private long bytes; // Of the message that is coming.

  /** Of messages that may have so many bytes. */
  MessagePace(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  @Override
  public final void serverCallStarted(ServerCallInfo<?, ?> info) {
    Channel channel = info.getAttributes().get(CallSocket.KEY);
    if (channel != null) {
      door = Door.of(channel);
      pace = new Pace(door.limits(), door, "a message");
    }
  }

  /** The message that is coming is larger than any may be. */
  void tooLarge(Door of) {
    of.cut();
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
    bytes += more;
    if (bytes > mostBytes && door != null) {
      bytes = 0;
      tooLarge(door);
    }
  }

  @Override
  public final void inboundMessageRead(int number, long wireSize, long size) {
    Pace present = pace;
    if (present != null) {
      present.complete();
    }
    bytes = 0;
  }

  @Override
  public void streamClosed(Status status) {
    Pace present = pace;
    if (present != null && door != null) {
      Loops.execute(door.loop(), present::end);
    }
  }
}
