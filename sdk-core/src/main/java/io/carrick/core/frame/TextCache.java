package io.carrick.core.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Remembers the texts that came last, so that a topic on each message makes no garbage. */
final class TextCache {

  private static final int SLOTS = 64;
  private static final int LONGEST = 255;

  private final byte[][] keys = new byte[SLOTS][];
  private final @Nullable String[] texts = new @Nullable String[SLOTS];

  String get(ByteBuffer in, int offset, int length) throws MalformedFrameException {
    if (length == 0) {
      return "";
    }
    if (length > LONGEST) {
      return FieldReader.text(in, offset, length);
    }
    int hash = length;
    for (int i = 0; i < length; i++) {
      hash = hash * 31 + in.get(offset + i);
    }
    int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
    String known = texts[slot];
    if (known != null && same(keys[slot], in, offset, length)) {
      return known;
    }
    String text = FieldReader.text(in, offset, length);
    byte[] key = new byte[length];
    in.get(offset, key);
    keys[slot] = key;
    texts[slot] = text;
    return text;
  }

  private static boolean same(byte[] key, ByteBuffer in, int offset, int length) {
    if (key.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (key[i] != in.get(offset + i)) {
        return false;
      }
    }
    return true;
  }
}
