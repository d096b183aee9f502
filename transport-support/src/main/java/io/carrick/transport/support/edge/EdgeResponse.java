package io.carrick.transport.support.edge;

import io.carrick.Message;

/** How an edge answers one call. {@link ItemWriter} calls it for one thing at a time. */
public interface EdgeResponse {

  /** A message as the protocol of the edge has it. */
  interface Item {

    /** What it takes on its way. */
    int bytes();

    /** Sends it, without waiting. */
    void send();
  }

  /**
   * Whether the protocol takes more now; where it says no, or where {@link #allowed} rises, it
   * tells {@link ItemWriter#ready}.
   */
  boolean isReady();

  /** How many items may be asked for since the call began, where the caller says that. */
  default long allowed() {
    return Long.MAX_VALUE;
  }

  /** Encodes a message; on any thread, and at any time. */
  Item item(Message message);

  /** The call was accepted, and items may come. Once, before the first item and the end. */
  default void accepted() {}

  /** So many bytes are enough to keep ahead of the caller. */
  default void keep(int bytes) {}

  /** There are no more items. */
  void end();

  /** The call failed. */
  void end(EdgeFailure failure);
}
