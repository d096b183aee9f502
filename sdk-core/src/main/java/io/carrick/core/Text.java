package io.carrick.core;

/** Makes what a peer sent fit for one line of a log or of an error. */
final class Text {

  private static final int LONGEST = 80;

  private Text() {}

  /** Printable ASCII of the text, the rest escaped, cut after 80 characters. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x7f) {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return out.length() < LONGEST ? out.toString() : out + "…";
  }
}
