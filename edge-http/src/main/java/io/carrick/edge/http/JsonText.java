package io.carrick.edge.http;

import java.util.HexFormat;

/** Writes one JSON object (RFC 8259), on one line. For one thread. */
public final class JsonText {

  private static final int FIRST_PRINTABLE = 0x20;

  private final StringBuilder text = new StringBuilder("{");

  /** A member whose value is a string. */
  public JsonText put(String name, String value) {
    return name(name).string(value);
  }

  /** A member whose value is a number. */
  public JsonText put(String name, long value) {
    name(name);
    text.append(value);
    return this;
  }

  /**
   * A member that is JSON already.
   *
   * @param json on one line
   */
  public JsonText putJson(String name, String json) {
    name(name);
    text.append(json);
    return this;
  }

  private JsonText name(String name) {
    if (text.length() > 1) {
      text.append(',');
    }
    string(name);
    text.append(':');
    return this;
  }

  private JsonText string(String value) {
    quote(text, value);
    return this;
  }

  /** A string of JSON; what is no Unicode is replaced by U+FFFD. */
  static void quote(StringBuilder to, String value) {
    to.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c < FIRST_PRINTABLE || c == '\u2028' || c == '\u2029') {
        to.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else if (Character.isSurrogate(c) && !isPair(value, i)) {
        to.append('\uFFFD');
      } else {
        to.append(c);
      }
    }
    to.append('"');
  }

  private static boolean isPair(String value, int at) {
    return Character.isHighSurrogate(value.charAt(at))
        ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
  }

  /** The object, which is whole now. */
  public String end() {
    return text.append('}').toString();
  }
}
