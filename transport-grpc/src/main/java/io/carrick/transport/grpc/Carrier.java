package io.carrick.transport.grpc;

import io.carrick.spi.CloseReason;

/** One side of the call that a tunnel runs through. All methods are called on its event loop. */
interface Carrier {

  /** Whether gRPC takes a message without keeping much of it. */
  boolean isReady();

  /** Sends a message; its array is free again afterwards. */
  void send(Batch.Outgoing batch);

  /** Asks for that many messages more. */
  void request(int messages);

  /** The node knows the peer, which only a server has to be told. Any thread. */
  default void admit() {}

  /** Ends the call in order, and by force where the peer does not follow within a second. */
  void end(CloseReason reason);
}
