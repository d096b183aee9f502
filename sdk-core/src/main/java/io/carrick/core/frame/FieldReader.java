package io.carrick.core.frame;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Walks over the fields of a message between two indexes of a buffer. Reused, not safe for threads.
 */
final class FieldReader {

  private static final int MAX_GROUP_DEPTH = 16;

  private ByteBuffer in = ByteBuffer.allocate(0);
  private int at;
  private int end;
  int field;
  int wireType;
  long number;
  int offset;
  int length;

  void reset(ByteBuffer buffer, int from, int to) {
    in = buffer;
    at = from;
    end = to;
  }

  /** Moves to the next field; what is a number or bytes is read. False at the end. */
  boolean next() throws MalformedFrameException {
    while (at < end) {
      int tag = (int) varint();
      field = tag >>> 3;
      wireType = tag & 7;
      if (field == 0) {
        throw new MalformedFrameException("field number 0");
      }
      switch (wireType) {
        case Varint.VARINT -> number = varint();
        case Varint.BYTES -> readBytes();
        case Varint.FIXED64 -> skip(8);
        case Varint.FIXED32 -> skip(4);
        case Varint.START_GROUP -> skipGroup();
        default -> throw new MalformedFrameException("wire type " + wireType);
      }
      if (wireType == Varint.VARINT || wireType == Varint.BYTES) {
        return true;
      }
    }
    return false;
  }

  private void readBytes() throws MalformedFrameException {
    // A length is 32 bits wide, as protobuf reads it: what stands above them is dropped.
    int declared = (int) varint();
    if (declared < 0 || declared > end - at) {
      throw new MalformedFrameException(
          "field " + field + " of " + declared + " bytes, and " + (end - at) + " are left");
    }
    offset = at;
    length = declared;
    at += length;
  }

  private void skip(int bytes) throws MalformedFrameException {
    if (bytes > end - at) {
      throw new MalformedFrameException("truncated field " + field);
    }
    at += bytes;
  }

  private void skipGroup() throws MalformedFrameException {
    int[] open = new int[MAX_GROUP_DEPTH];
    int depth = 0;
    open[depth++] = field;
    while (depth > 0) {
      int tag = (int) varint();
      int inner = tag >>> 3;
      switch (tag & 7) {
        case Varint.VARINT -> varint();
        case Varint.BYTES -> readBytes();
        case Varint.FIXED64 -> skip(8);
        case Varint.FIXED32 -> skip(4);
        case Varint.START_GROUP -> {
          if (depth == MAX_GROUP_DEPTH) {
            throw new MalformedFrameException("groups nested more than " + MAX_GROUP_DEPTH);
          }
          open[depth++] = inner;
        }
        case Varint.END_GROUP -> {
          if (open[--depth] != inner) {
            throw new MalformedFrameException("group " + inner + " ends, and was not begun");
          }
        }
        default -> throw new MalformedFrameException("wire type " + (tag & 7));
      }
      if (inner == 0) {
        throw new MalformedFrameException("field number 0");
      }
    }
  }

  private long varint() throws MalformedFrameException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= end) {
        throw new MalformedFrameException("truncated in a number");
      }
      byte b = in.get(at++);
      value |= shift < 64 ? (long) (b & 0x7f) << shift : 0;
      if (b >= 0) {
        return value;
      }
    }
    throw new MalformedFrameException("a number of more than 10 bytes");
  }

  static String text(ByteBuffer in, int offset, int length) throws MalformedFrameException {
    if (length == 0) {
      return "";
    }
    byte[] bytes = new byte[length];
    in.get(offset, bytes);
    boolean ascii = true;
    for (byte b : bytes) {
      ascii &= b >= 0;
    }
    if (ascii) {
      return new String(bytes, StandardCharsets.US_ASCII);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedFrameException("text that is not UTF-8");
    }
  }
}
