package io.carrick;

/** Makes untrusted text fit for one line of a log or of an error. */
final class Printable {

  private static final int LONGEST = 80;

  private Printable() {}

  /** The text with everything but printable ASCII escaped, cut after 80 characters. */
  static String of(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x7f) {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return out.length() < LONGEST ? out.toString() : out + "...";
  }
}
