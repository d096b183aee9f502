package io.carrick.serialization;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 as the Unicode Standard has it: nothing is replaced, and no surrogate stands alone. */
final class Utf8 {

  private Utf8() {}

  /**
   * The bytes of a text.
   *
   * @throws CharacterCodingException if it has an unpaired surrogate
   */
  static byte[] encode(CharSequence text) throws CharacterCodingException {
    if (text instanceof String string) {
      // The fast encoder replaces a surrogate that stands alone; only bytes with the mark need a
      // second look.
      byte[] fast = string.getBytes(StandardCharsets.UTF_8);
      int i = 0;
      while (i < fast.length && fast[i] != '?') {
        i++;
      }
      if (i == fast.length) {
        return fast;
      }
    }
    ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  /** The index of the first byte in a range that is no UTF-8; the end where there is none. */
  static int firstMalformed(byte[] bytes, int from, int to) {
    int ascii = from;
    while (ascii < to && bytes[ascii] >= 0) {
      ascii++;
    }
    if (ascii == to) {
      return to;
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, ascii, to - ascii);
    CharBuffer out = CharBuffer.allocate(1024);
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    return result.isError() ? in.position() : to;
  }

  /**
   * Where a JSON text has an unpaired surrogate, escaped or not; -1 where it has none. What Jackson
   * lets pass would be refused by the next one that writes it.
   */
  static int unpairedInJson(byte[] json) {
    for (int i = 0; i + 1 < json.length; i++) {
      byte b = json[i];
      if (b == (byte) 0xED && (json[i + 1] & 0xFF) >= 0xA0) {
        return i;
      }
      if (b == '\\') {
        int unit = escaped(json, i);
        if (unit < 0 || !Character.isSurrogate((char) unit)) {
          i++;
        } else if (Character.isHighSurrogate((char) unit)
            && escaped(json, i + 6) >= Character.MIN_LOW_SURROGATE
            && escaped(json, i + 6) <= Character.MAX_LOW_SURROGATE) {
          i += 11;
        } else {
          return i;
        }
      }
    }
    return -1;
  }

  /** The UTF-16 unit that is escaped here, or -1. */
  private static int escaped(byte[] json, int at) {
    if (at + 6 > json.length || json[at] != '\\' || json[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(json[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = (unit << 4) | digit;
    }
    return unit;
  }
}
