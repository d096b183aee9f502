package io.carrick.transport.grpc;

import java.nio.ByteBuffer;

/**
 * The bytes of one Packet: on its way out a stream, on its way in what gRPC has read, valid only
 * while the message is handled.
 */
sealed interface Batch permits Batch.Incoming, Batch.Oversized, BatchStream {

  /** What arrived. */
  record Incoming(ByteBuffer content) implements Batch {}

  /** A message that is larger than any that this transport sends; its bytes were not kept. */
  record Oversized(int length) implements Batch {}
}
