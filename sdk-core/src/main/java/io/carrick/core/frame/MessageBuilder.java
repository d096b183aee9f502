package io.carrick.core.frame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Builds a small embedded message in field order; what is on the hot path is written directly. */
final class MessageBuilder {

  private byte[] bytes = new byte[128];
  private int size;

  MessageBuilder number(int field, long value) {
    if (value != 0) {
      varint((long) field << 3 | Varint.VARINT);
      varint(value);
    }
    return this;
  }

  MessageBuilder flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  MessageBuilder text(int field, String value) {
    return value.isEmpty() ? this : element(field, value.getBytes(StandardCharsets.UTF_8));
  }

  MessageBuilder bytes(int field, byte[] value) {
    return value.length == 0 ? this : element(field, value);
  }

  MessageBuilder texts(int field, List<String> values) {
    for (String value : values) {
      element(field, value.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  MessageBuilder element(int field, byte[] value) {
    varint((long) field << 3 | Varint.BYTES);
    varint(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  int size() {
    return size;
  }

  byte[] build() {
    return Arrays.copyOf(bytes, size);
  }

  private void varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
