package io.carrick.core.frame;

import java.nio.ByteBuffer;

/** Base-128 varints and tags (protobuf encoding, "Base 128 Varints"). */
final class Varint {

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  private Varint() {}

  static int size(long value) {
    return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
  }

  static void put(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  static int tagSize(int field) {
    return field < 16 ? 1 : 2;
  }

  static void tag(ByteBuffer out, int field, int wireType) {
    put(out, (long) field << 3 | wireType);
  }

  /** Bytes of a number field; 0 where the value is the default. */
  static int fieldSize(int field, long value) {
    return value == 0 ? 0 : tagSize(field) + size(value);
  }

  static void field(ByteBuffer out, int field, long value) {
    if (value != 0) {
      tag(out, field, VARINT);
      put(out, value);
    }
  }

  static int bytesSize(int field, int length) {
    return length == 0 ? 0 : elementSize(field, length);
  }

  static int elementSize(int field, int length) {
    return tagSize(field) + size(length) + length;
  }

  /** A bytes field that is written even when it is empty: an element of a list, a message. */
  static void element(ByteBuffer out, int field, byte[] value) {
    tag(out, field, BYTES);
    put(out, value.length);
    out.put(value);
  }
}
