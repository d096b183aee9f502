package io.carrick.transport.grpc;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Transport;
import io.carrick.transport.support.FrameSource;
import io.carrick.transport.support.PacketReader;
import io.carrick.transport.support.QueuedConnection;
import io.grpc.HasByteBuffer;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The method that SDK peers tunnel their session through, whose messages pass as they are. */
final class SessionMethod implements MethodDescriptor.Marshaller<Batch> {

  /** The service of wire.proto. */
  static final String SERVICE = "carrick.v1.Carrick";

  /** What one message may have: the batches of this transport have half of it at most. */
  static final int MAX_BATCH_BYTES = 4 * Transport.MAX_FRAME_BYTES;

  static final MethodDescriptor<Batch, Batch> DESCRIPTOR =
      MethodDescriptor.<Batch, Batch>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Session"))
          .setRequestMarshaller(new SessionMethod())
          .setResponseMarshaller(new SessionMethod())
          .build();

  private static final FrameSource PACKETS = PacketReader::next;

  private SessionMethod() {}

  /** Hands what has arrived to its connection. */
  static void deliver(Batch batch, QueuedConnection connection) {
    if (batch instanceof Batch.Incoming incoming) {
      connection.onInput(incoming.content(), PACKETS);
    } else if (batch instanceof Batch.Oversized oversized) {
      connection.close(
          CloseReason.protocol(
              "a Packet of "
                  + oversized.length()
                  + " bytes exceeds "
                  + MAX_BATCH_BYTES
                  + ", put fewer frames in each ("
                  + connection.peer().address()
                  + ")"));
    }
  }

  @Override
  public InputStream stream(Batch batch) {
    if (batch instanceof BatchStream outgoing) {
      return outgoing;
    }
    throw new IllegalStateException("A batch that arrived is not sent again");
  }

  @Override
  public Batch parse(InputStream stream) {
    try {
      int length = stream.available();
      if (length > MAX_BATCH_BYTES) {
        return new Batch.Oversized(length); // To throw here would be an error of this side.
      }
      ByteBuffer whole = wholeOf(stream, length);
      return new Batch.Incoming(whole != null ? whole : ByteBuffer.wrap(stream.readAllBytes()));
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("cannot read a Packet")
          .withCause(e)
          .asRuntimeException();
    }
  }

  /** The message as gRPC holds it, if that is in one piece. gRPC closes it after it was handled. */
  private static @Nullable ByteBuffer wholeOf(InputStream stream, int length) {
    if (stream instanceof HasByteBuffer source && source.byteBufferSupported()) {
      ByteBuffer first = source.getByteBuffer();
      if (first != null && first.remaining() == length) {
        return first;
      }
    }
    return null;
  }
}
