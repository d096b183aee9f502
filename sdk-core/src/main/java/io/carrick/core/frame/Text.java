package io.carrick.core.frame;

/** Makes what a peer sent fit for one line of a log or of an error. */
public final class Text {

  private static final int LONGEST = 80;

  private Text() {}

  /** Printable ASCII of the text, the rest escaped, cut after 80 characters. */
  public static String printable(String text) {
    return printable(text, LONGEST);
  }

  /** The same, cut after so many characters. */
  public static String printable(String text, int longest) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < longest; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x7f) {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return out.length() < longest ? out.toString() : out + "...";
  }
}
