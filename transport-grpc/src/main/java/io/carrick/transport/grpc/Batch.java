package io.carrick.transport.grpc;

import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The bytes of one Packet: on its way out an array, on its way in what gRPC has read, valid only
 * while the message is handled.
 */
sealed interface Batch {

  /** Records that were put together here. The array may be used again once it is drained. */
  record Outgoing(byte[] bytes, int length) implements Batch {}

  /** What arrived. */
  record Incoming(ByteBuffer content) implements Batch {}

  /** A message that is larger than any that this transport sends; its bytes were not kept. */
  record Oversized(int length) implements Batch {}

  /** The bytes as gRPC takes them. */
  default InputStream stream() {
    if (this instanceof Outgoing outgoing) {
      return new BatchStream(outgoing);
    }
    throw new IllegalStateException("A batch that arrived is not sent again");
  }
}
