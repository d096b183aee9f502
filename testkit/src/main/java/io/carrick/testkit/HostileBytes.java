package io.carrick.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Random, truncated and mutated bodies, the same for the same seed. */
final class HostileBytes {

  private static final int LONGEST_RANDOM = 256;

  private HostileBytes() {}

  /** The next body; {@code good} are bodies to start from. */
  static byte[] next(SplittableRandom random, List<byte[]> good) {
    byte[] start = good.get(random.nextInt(good.size()));
    return switch (random.nextInt(4)) {
      case 0 -> random(random);
      case 1 -> Arrays.copyOf(start, random.nextInt(start.length + 1));
      case 2 -> mutated(random, start);
      default -> spliced(random, start, good.get(random.nextInt(good.size())));
    };
  }

  private static byte[] random(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(LONGEST_RANDOM)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] mutated(SplittableRandom random, byte[] start) {
    byte[] bytes = start.clone();
    for (int i = random.nextInt(8); bytes.length > 0 && i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static byte[] spliced(SplittableRandom random, byte[] head, byte[] tail) {
    int cut = random.nextInt(head.length + 1);
    int from = random.nextInt(tail.length + 1);
    byte[] bytes = Arrays.copyOf(head, cut + tail.length - from);
    System.arraycopy(tail, from, bytes, cut, tail.length - from);
    return bytes;
  }
}
