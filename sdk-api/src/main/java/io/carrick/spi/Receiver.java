package io.carrick.spi;

import java.nio.ByteBuffer;

/** Takes what a connection receives. Calls never overlap; none comes after {@code onClosed}. */
public interface Receiver {

  /** One whole frame; the buffer is valid only during the call (C06). Must not block. */
  void onFrame(ByteBuffer frame);

  /**
   * Follows the last {@code onFrame} of what was read in one go (C20): time to answer in one write.
   */
  void onBatchEnd();

  /** Follows each false of {@code send} once the connection takes more (C04). */
  void onWritable();

  /** The connection is closed: once, and the last call (C08). */
  void onClosed(CloseReason reason);
}
