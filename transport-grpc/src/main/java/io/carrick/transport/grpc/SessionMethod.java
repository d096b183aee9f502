package io.carrick.transport.grpc;

import io.carrick.spi.Transport;
import io.grpc.HasByteBuffer;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

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

  private SessionMethod() {}

  @Override
  public InputStream stream(Batch batch) {
    return batch.stream();
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
  private static @org.jspecify.annotations.Nullable ByteBuffer wholeOf(
      InputStream stream, int length) {
    if (stream instanceof HasByteBuffer source && source.byteBufferSupported()) {
      ByteBuffer first = source.getByteBuffer();
      if (first != null && first.remaining() == length) {
        return first;
      }
    }
    return null;
  }
}
