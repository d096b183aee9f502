package io.carrick.transport.support;

import java.nio.ByteBuffer;

/**
 * Finds the frames in what came: {@link PacketReader#next} in messages, {@link FrameReader#next} in
 * a stream of bytes.
 */
@FunctionalInterface
public interface FrameSource {

  /**
   * Moves the view to the next frame, and the input behind it.
   *
   * @param view another view of the bytes of the input
   * @return false if no whole frame is left
   * @throws FramingException if what comes is no frame
   */
  boolean next(ByteBuffer input, ByteBuffer view) throws FramingException;
}
