package io.carrick.core.frame;

import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Takes encoded messages apart and puts them together in other, equally valid, ways. */
final class WireBytes {

  private WireBytes() {}

  /** The fields of a message, each with its tag. */
  static List<byte[]> fields(byte[] message) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      List<byte[]> fields = new ArrayList<>();
      int from = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        in.skipField(tag);
        fields.add(java.util.Arrays.copyOfRange(message, from, in.getTotalBytesRead()));
        from = in.getTotalBytesRead();
      }
      return fields;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts.forEach(out::writeBytes);
    return out.toByteArray();
  }

  /** The number of the field in front of which this tag stands. */
  static int number(byte[] field) {
    return (int) varint(field, 0)[0] >>> 3;
  }

  static int wireType(byte[] field) {
    return field[0] & 7;
  }

  /** The bytes in a field of wire type 2. */
  static byte[] content(byte[] field) {
    int at = (int) varint(field, 0)[1];
    long[] length = varint(field, at);
    return java.util.Arrays.copyOfRange(field, (int) length[1], field.length);
  }

  private static long[] varint(byte[] bytes, int from) {
    long value = 0;
    int at = from;
    for (int shift = 0; ; shift += 7) {
      value |= (long) (bytes[at] & 0x7f) << shift;
      if (bytes[at++] >= 0) {
        return new long[] {value, at};
      }
    }
  }

  /** A varint in at least so many bytes (1 to 10). */
  static byte[] varint(long value, int leastBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = value;
    while (rest >>> 7 != 0 || out.size() + 1 < leastBytes) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  static byte[] field(int number, byte[] content) {
    return join(List.of(varint((long) number << 3 | 2, 1), varint(content.length, 1), content));
  }

  static byte[] field(int number, long value) {
    return join(List.of(varint((long) number << 3, 1), varint(value, 1)));
  }

  /** The same field, its numbers in more bytes than they need. */
  static byte[] padded(byte[] field, Random random) {
    byte[] tag = varint(varint(field, 0)[0], 1 + random.nextInt(10));
    int at = (int) varint(field, 0)[1];
    if (wireType(field) == 0) {
      return join(List.of(tag, varint(varint(field, at)[0], 1 + random.nextInt(10))));
    }
    byte[] content = content(field);
    return join(List.of(tag, varint(content.length, 1 + random.nextInt(10)), content));
  }

  /** A field that no message of this version knows, of any wire type. */
  static byte[] unknown(Random random) {
    return unknown(30 + random.nextInt(500_000), random, 1 + random.nextInt(16));
  }

  private static byte[] unknown(int number, Random random, int depth) {
    int wireType = new int[] {0, 1, 2, 3, 5}[random.nextInt(5)];
    byte[] tag = varint((long) number << 3 | wireType, 1);
    byte[] eight = new byte[8];
    random.nextBytes(eight);
    return switch (wireType) {
      case 0 -> field(number, random.nextLong());
      case 1 -> join(List.of(tag, eight));
      case 2 -> field(number, eight);
      case 3 -> {
        byte[] inner =
            depth == 1 ? field(1, 7) : unknown(1 + random.nextInt(50), random, depth - 1);
        yield join(List.of(tag, inner, varint((long) number << 3 | 4, 1)));
      }
      default -> join(List.of(tag, java.util.Arrays.copyOf(eight, 4)));
    };
  }

  /** Groups in groups, so many. */
  static byte[] groups(int depth) {
    List<byte[]> parts = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      parts.add(varint(50L << 3 | 3, 1));
    }
    for (int i = 0; i < depth; i++) {
      parts.add(varint(50L << 3 | 4, 1));
    }
    return join(parts);
  }
}
