package io.carrick.transport.http2;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Transport;
import io.carrick.transport.support.FrameReader;
import io.carrick.transport.support.FrameSource;
import io.carrick.transport.support.QueuedConnection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gives the body of a call to its connection, however it is cut into DATA. Keeps less than one
 * frame. Touched only on the loop of the connection.
 */
final class FrameStream {

  private static final int LEAST_BYTES = 16 * 1024;

  private final QueuedConnection connection;
  private final FrameReader reader = new FrameReader();
  private final FrameSource frames = reader::next;
  private @Nullable ByteBuffer rest; // Of a frame that has not arrived whole, up to its position.

  FrameStream(QueuedConnection connection) {
    this.connection = connection;
  }

  /** Bytes have come, which are valid during the call. */
  void arrived(ByteBuffer bytes) {
    ByteBuffer kept = rest;
    rest = null;
    ByteBuffer input = kept == null ? bytes : withRoom(kept, bytes.remaining()).put(bytes).flip();
    connection.onInput(input, frames);
    int left = input.remaining();
    if (left == 0 || left > Transport.MAX_FRAME_BYTES + FrameReader.MAX_PREFIX_BYTES) {
      return; // More than a frame is left where the connection is over.
    }
    if (kept == null) {
      rest = ByteBuffer.allocate(Math.max(LEAST_BYTES, left)).put(input);
    } else {
      rest = input.position() > 0 ? input.compact() : input.position(left).limit(input.capacity());
    }
  }

  /** The other side has ended its body in order. */
  void ended() {
    if (rest != null) {
      reader.keep(rest);
    }
    String cut = reader.truncation();
    connection.onEnd(
        cut.isEmpty()
            ? CloseReason.peer("the peer ended the stream")
            : CloseReason.network("the stream ended " + cut + "; the peer died"));
  }

  private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
    return buffer.remaining() >= bytes
        ? buffer
        : ByteBuffer.allocate(Math.max(2 * buffer.capacity(), buffer.position() + bytes))
            .put(buffer.flip());
  }
}
