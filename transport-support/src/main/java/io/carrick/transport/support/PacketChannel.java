package io.carrick.transport.support;

import io.carrick.spi.CloseReason;

/**
 * What a library must do to carry the packets of a {@link QueuedConnection}. Called on the loop of
 * that connection only, but for {@link #admit}. No method may block, and none may call the
 * connection back before it returns.
 */
public interface PacketChannel {

  /**
   * Whether the library takes a packet without keeping much: at most 64 KiB that the network has
   * not taken. Each change from false to true is told by {@link QueuedConnection#onReady}.
   */
  boolean isReady();

  /**
   * Sends a packet, behind those before. When the connection is closed it is called for what is
   * left without asking {@link #isReady}: at most 1 MiB and a frame.
   *
   * @return whether the packet's array is free again
   */
  boolean send(Packet packet);

  /** Asks for so much more input, where the library waits to be asked. */
  void request(int more);

  /**
   * Runs a task on the loop when others there had their turn; called after each 256th input. At
   * once, unless the library hands over all that it has before it turns to another connection.
   */
  default void afterOthers(Runnable task) {
    task.run();
  }

  /** The node knows the peer: see {@link io.carrick.spi.GuardedConnection#admit}. Any thread. */
  default void admit() {}

  /**
   * Ends in order behind what was sent, and by force for {@code PROTOCOL} or where the peer does
   * not follow within a second. Called once, and last.
   */
  void end(CloseReason reason);
}
