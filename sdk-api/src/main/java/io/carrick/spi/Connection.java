package io.carrick.spi;

import java.nio.ByteBuffer;
import java.time.Duration;

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

  /**
   * Reads for a caller that waits, where the transport can and nobody else does: callbacks run on
   * this thread (C21). What arrives after it returns is read by the transport again, at the latest
   * some milliseconds after the last poll, so that callers that poll one after the other need no
   * other thread. An interrupted thread does not wait, and stays interrupted.
   *
   * @param max how long to wait for input, to a millisecond; zero to say that no caller is about to
   *     poll, so that the transport reads by itself at once
   * @return whether anything was read; false at once where the transport cannot do this, where
   *     another thread reads, and on a closed connection
   */
  default boolean poll(Duration max) {
    return false;
  }
}
