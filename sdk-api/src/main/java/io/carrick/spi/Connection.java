package io.carrick.spi;

import java.nio.ByteBuffer;

/**
 * Carries whole frames both ways, in order, until it closes; what arrives is a prefix of what was
 * sent (C02). One thread at a time calls {@code send} and {@code flush}.
 */
public interface Connection {

  /**
   * Takes one frame: the remaining bytes of the buffer, copied or written when the method returns,
   * so that the caller may use the buffer again (C06). Its position is then at its limit. Never
   * blocks and never calls the receiver (C05).
   *
   * @param frame 0 to 65,536 bytes
   * @return false if the caller should wait for {@link Receiver#onWritable} before the next frame;
   *     this frame was taken all the same. On a closed connection false, and nothing is done (C09)
   * @throws IllegalArgumentException if the frame is too large; the connection stays usable (C10)
   */
  boolean send(ByteBuffer frame);

  /**
   * Writes what was sent, in as few system calls as possible. Never blocks; what the socket does
   * not take is written later by the transport itself.
   */
  void flush();

  /** Starts reading, once. Callbacks of one connection never overlap (C05). */
  void receive(Receiver receiver);

  /**
   * Closes: what was flushed before may still arrive. Idempotent, any thread, never blocks (C07).
   */
  void close(CloseReason reason);

  /** What is known of the other side. */
  PeerInfo peer();
}
