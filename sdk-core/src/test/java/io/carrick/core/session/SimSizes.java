package io.carrick.core.session;

import java.nio.ByteBuffer;
import java.util.Random;

/** Messages that can be told apart, byte by byte. */
final class SimSizes {

  private final Random random;
  private final boolean crowd;

  SimSizes(Random random, boolean crowd) {
    this.random = random;
    this.crowd = crowd;
  }

  int size() {
    int choice = random.nextInt(crowd ? 3 : 60);
    return choice == 0
        ? 65_000 + random.nextInt(200_000)
        : choice < 5 ? random.nextInt(20_000) : random.nextInt(100);
  }

  static byte[] payload(long tag, int index, int size) {
    byte[] bytes = new byte[16 + size];
    ByteBuffer.wrap(bytes).putLong(tag).putInt(index).putInt(size);
    for (int i = 16; i < bytes.length; i++) {
      bytes[i] = (byte) (tag + index + i);
    }
    return bytes;
  }

  /** The index of a message that is whole and belongs to this exchange. */
  static int check(byte[] bytes, long tag) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long actual = in.getLong();
    int index = in.getInt();
    int size = in.getInt();
    if (actual != tag || size != bytes.length - 16) {
      throw new AssertionError("message of " + actual + " in exchange of " + tag);
    }
    for (int i = 16; i < bytes.length; i++) {
      if (bytes[i] != (byte) (tag + index + i)) {
        throw new AssertionError("byte " + i + " of message " + index + " is wrong");
      }
    }
    return index;
  }
}
