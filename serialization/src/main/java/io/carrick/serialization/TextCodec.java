package io.carrick.serialization;

import io.carrick.ContentTypes;
import io.carrick.spi.Codec;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Carries text as UTF-8, {@value ContentTypes#TEXT}: every {@link CharSequence} in one direction,
 * in the other {@link String}, {@link CharSequence}, {@link StringBuilder}, {@link StringBuffer}
 * and {@link CharBuffer}. Strict in both: unpaired surrogates and bytes that are no UTF-8 are
 * refused, never replaced. Safe for use by any thread.
 */
public final class TextCodec implements Codec {

  /** Creates the codec; it has no state. */
  public TextCodec() {}

  @Override
  public String contentType() {
    return ContentTypes.TEXT;
  }

  @Override
  public int priority() {
    return 90;
  }

  @Override
  public boolean supports(Class<?> type) {
    return CharSequence.class.isAssignableFrom(type);
  }

  @Override
  public byte[] encode(Object value) {
    if (!(value instanceof CharSequence text)) {
      throw Failures.unsupported(ContentTypes.TEXT, value.getClass(), "use String");
    }
    try {
      return Utf8.encode(text);
    } catch (CharacterCodingException e) {
      throw Failures.notEncodable(
          ContentTypes.TEXT, value.getClass(), "it has an unpaired surrogate", e);
    }
  }

  @Override
  public <T> T decode(byte[] bytes, Class<T> type) {
    int length = bytes.length;
    if (!supports(type)) {
      throw Failures.unsupported(ContentTypes.TEXT, type, "use String or CharSequence");
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    // The fast decoder replaces what is malformed; only a text with the mark needs a second look.
    if (text.indexOf('\uFFFD') >= 0) {
      int bad = Utf8.firstMalformed(bytes, 0, length);
      if (bad < length) {
        throw Failures.malformed(ContentTypes.TEXT, type, length, "byte " + bad + ", no UTF-8");
      }
    }
    return type.cast(as(type, text));
  }

  @SuppressWarnings("UnnecessaryStringBuilder") // It is what the caller asked for.
  private static Object as(Class<?> type, String text) {
    if (type.isInstance(text)) {
      return text;
    }
    if (type == StringBuilder.class) {
      return new StringBuilder(text);
    }
    if (type == CharBuffer.class) {
      return CharBuffer.wrap(text);
    }
    throw Failures.unsupported(ContentTypes.TEXT, type, "use String or CharSequence");
  }
}
