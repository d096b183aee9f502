package io.carrick.testkit;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Year;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/** Random, truncated and mutated bodies, the same for the same seed, and values hard to carry. */
final class HostileBytes {

  /** Values that encodings round, replace or have no form for. */
  static final List<Object> HARD_VALUES =
      List.of(
          "\uD83E",
          "a\uDEA2b",
          "\uDEA2\uD83E",
          new ArrayList<>(List.of("x", "\uD83E".repeat(300))),
          new LinkedHashMap<>(Map.of("\uDEA2", 1)),
          '\uD83E',
          Double.NaN,
          Double.NEGATIVE_INFINITY,
          -0.0,
          Double.MIN_VALUE,
          Float.NaN,
          Float.MAX_VALUE,
          0.1f,
          Long.MIN_VALUE,
          Long.MAX_VALUE,
          BigInteger.TWO.pow(64),
          BigInteger.TWO.pow(64).negate(),
          BigInteger.TEN.pow(99),
          new BigDecimal("1E+400"),
          new BigDecimal("0.10"),
          new BigDecimal("0E-10"),
          new BigDecimal("1E-1000000"),
          new UUID(-1, 1),
          Instant.MAX,
          Duration.ofSeconds(Long.MIN_VALUE),
          LocalDate.MIN,
          Year.of(-1));

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

  /** A text of up to 40 characters of all planes of Unicode, without unpaired surrogates. */
  static String text(SplittableRandom random) {
    return random
        .ints(random.nextInt(41), 0, 0x110000)
        .map(c -> random.nextBoolean() ? c % 128 : c)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
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
