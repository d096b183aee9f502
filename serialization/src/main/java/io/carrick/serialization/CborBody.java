package io.carrick.serialization;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import java.lang.reflect.Type;

/**
 * Looks through a body before Jackson reads it, for what that lets pass: tags, of which it takes
 * any chain, and texts that are no UTF-8. Allocates nothing but for what it refuses.
 */
final class CborBody {

  private static final int BREAK = 0xFF;
  private static final int WITHOUT_LENGTH = 31;

  private final byte[] bytes;
  private final Type type;
  private int at;

  CborBody(byte[] bytes, Type type) {
    this.bytes = bytes;
    this.type = type;
  }

  /**
   * Returns if it is one item, well formed, without tags.
   *
   * @throws CodecException that names the byte where it is not
   */
  void check() {
    item(0);
    if (at < bytes.length) {
      throw malformed(at, "the value has ended");
    }
  }

  private void item(int depth) {
    int start = at;
    int initial = next();
    int info = initial & 31;
    switch (initial >> 5) {
      case 0, 1 -> length(start, info);
      case 2 -> string(start, info, 2);
      case 3 -> string(start, info, 3);
      case 4 -> items(start, info, 1, depth);
      case 5 -> items(start, info, 2, depth);
      case 6 -> throw malformed(start, "a tag; send what it marks as a text, a number or bytes");
      default -> {
        if (initial == BREAK) {
          throw malformed(start, "a break where nothing is open");
        }
        length(start, info);
      }
    }
  }

  private void items(int start, int info, int each, int depth) {
    if (depth == JsonCodec.MAX_DEPTH) {
      throw Failures.limitPassed(
          ContentTypes.CBOR,
          type,
          "nesting is deeper than the " + JsonCodec.MAX_DEPTH + " levels allowed",
          null);
    }
    if (info == WITHOUT_LENGTH) {
      while (!broken()) {
        for (int i = 0; i < each; i++) {
          item(depth + 1);
        }
      }
      return;
    }
    long count = length(start, info);
    if (count < 0 || count > (bytes.length - at) / each) {
      throw malformed(start, "it ends before its items");
    }
    for (long i = count * each; i > 0; i--) {
      item(depth + 1);
    }
  }

  private void string(int start, int info, int major) {
    if (info != WITHOUT_LENGTH) {
      chunk(start, length(start, info), major);
      return;
    }
    while (!broken()) {
      int chunk = at;
      int initial = next();
      if (initial >> 5 != major || (initial & 31) == WITHOUT_LENGTH) {
        throw malformed(chunk, "no piece of its string");
      }
      chunk(chunk, length(chunk, initial & 31), major);
    }
  }

  private void chunk(int start, long length, int major) {
    if (length < 0 || length > bytes.length - at) {
      throw malformed(start, "it ends before its string");
    }
    int end = at + (int) length;
    if (major == 3) {
      int bad = Utf8.firstMalformed(bytes, at, end);
      if (bad < end) {
        throw malformed(bad, "no UTF-8");
      }
    }
    at = end;
  }

  private boolean broken() {
    if (at < bytes.length && (bytes[at] & 0xFF) == BREAK) {
      at++;
      return true;
    }
    return false;
  }

  /** What follows the initial byte: negative where it is beyond 63 bits. */
  private long length(int start, int info) {
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw malformed(start, "a length of no known form");
    }
    long length = 0;
    for (int i = 1 << (info - 24); i > 0; i--) {
      length = (length << 8) | next();
    }
    return length;
  }

  private int next() {
    if (at == bytes.length) {
      throw malformed(at, "it ends too early");
    }
    return bytes[at++] & 0xFF;
  }

  private CodecException malformed(int where, String what) {
    return Failures.malformed(
        ContentTypes.CBOR, type, bytes.length, "byte " + where + " (" + what + ")");
  }
}
