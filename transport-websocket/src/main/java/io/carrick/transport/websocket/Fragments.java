package io.carrick.transport.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Frames as gateways take them, some of which close what has more than 64 KiB with its header. */
final class Fragments {

  static final int MOST_BYTES = 64 * 1024;

  /** Of the first of two; in whole words, so that the mask of the second begins with one. */
  private static final int FIRST_BYTES = 32 * 1024;

  private static final int LENGTH_IN_TWO = 126; // RFC 6455, section 5.2.
  private static final SecureRandom RANDOM = new SecureRandom();

  private Fragments() {}

  /** A message of one frame as it goes out: in two frames where it is larger. */
  static ByteBuf of(ByteBuffer frame) {
    if (frame.remaining() <= MOST_BYTES) {
      return Unpooled.wrappedBuffer(frame);
    }
    boolean masked = frame.get(1) < 0;
    int start = (frame.get(1) & 0x7f) == LENGTH_IN_TWO ? 4 : 10;
    int mask = masked ? frame.getInt(start) : 0;
    start += masked ? 4 : 0;
    int cut = start + FIRST_BYTES;
    int rest = frame.limit() - cut;
    int next = masked ? RANDOM.nextInt() : 0;
    for (int i = 0; i < rest; i++) { // Section 5.3: each frame has a mask of its own.
      frame.put(cut + i, (byte) (frame.get(cut + i) ^ (mask ^ next) >>> (24 - 8 * (i & 3))));
    }
    return Unpooled.wrappedBuffer(
        header(frame.get(0) & 0x7f, FIRST_BYTES, masked, mask),
        frame.slice(start, FIRST_BYTES),
        header(0x80, rest, masked, next),
        frame.slice(cut, rest));
  }

  private static ByteBuffer header(int first, int length, boolean masked, int mask) {
    ByteBuffer header = ByteBuffer.allocate(masked ? 8 : 4);
    header.put((byte) first).put((byte) (LENGTH_IN_TWO | (masked ? 0x80 : 0)));
    header.putShort((short) length);
    return (masked ? header.putInt(mask) : header).flip();
  }
}
