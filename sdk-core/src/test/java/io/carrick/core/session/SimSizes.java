package io.carrick.core.session;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Messages that can be told apart, byte by byte. */
final class SimSizes {

  private static final int HEAD = 16;
  private static final byte[] PATTERN = pattern();

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
    byte[] bytes = new byte[HEAD + size];
    ByteBuffer.wrap(bytes).putLong(tag).putInt(index).putInt(size);
    System.arraycopy(PATTERN, from(tag, index), bytes, HEAD, size);
    return bytes;
  }

  /** The index of a message that is whole and belongs to this exchange. */
  static int check(byte[] bytes, long tag) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long actual = in.getLong();
    int index = in.getInt();
    int size = in.getInt();
    if (actual != tag || size != bytes.length - HEAD) {
      throw new AssertionError("message of " + actual + " in exchange of " + tag);
    }
    int from = from(tag, index);
    int differs = Arrays.mismatch(PATTERN, from, from + size, bytes, HEAD, HEAD + size);
    if (differs >= 0) {
      throw new AssertionError("byte " + differs + " of message " + index + " is wrong");
    }
    return index;
  }

  private static int from(long tag, int index) {
    return (int) (tag + index) & 255;
  }

  private static byte[] pattern() {
    byte[] bytes = new byte[300_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }
}
