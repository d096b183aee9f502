package io.carrick.cli;

import io.carrick.Message;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * Where a command reads and writes.
 *
 * @param out results; not flushed by itself
 * @param err errors and progress
 * @param in the standard input
 * @param interactive whether a person looks at both {@code out} and {@code err}
 * @param coloured whether that person wants colours
 */
record Terminal(
    Output out, PrintStream err, InputStream in, boolean interactive, boolean coloured) {

  /** Whether colours are wanted on a terminal: see no-color.org. */
  static boolean wantsColours() {
    String none = System.getenv("NO_COLOR");
    return (none == null || none.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
  }

  /** Prints one line that tells what went wrong. */
  void error(String text) {
    err.println(painted(Colour.RED, "carrick:") + " " + shown(oneLine(text)));
    err.flush();
  }

  /** Prints one line about what happens; no result, and no failure. */
  void note(String text) {
    err.println(shown(oneLine(text)));
    err.flush();
  }

  /** Prints one line of results at once. */
  void line(String text) {
    out.println(text);
    out.flush();
  }

  /** The text in this colour, where colours are wanted. */
  String painted(Colour colour, String text) {
    return coloured ? "\033[" + colour.code + "m" + text + "\033[0m" : text;
  }

  /**
   * Prints a message's body: text and JSON byte for byte as they are, other bytes as base64, with
   * an end of line unless the text has one. A person sees control characters escaped.
   *
   * @return whether somebody still reads
   */
  boolean body(Message message) {
    byte[] bytes =
        isText(message.contentType())
            ? message.toByteArray()
            : Base64.getEncoder().encode(message.toByteArray());
    if (interactive) {
      out.print(shown(new String(bytes, StandardCharsets.UTF_8)));
    } else {
      out.write(bytes, 0, bytes.length);
    }
    if (bytes.length == 0 || bytes[bytes.length - 1] != '\n') {
      out.write('\n');
    }
    return !out.isLost();
  }

  /** Prints a message's bytes and nothing else; returns whether somebody still reads. */
  boolean raw(Message message) {
    byte[] bytes = message.toByteArray();
    out.write(bytes, 0, bytes.length);
    return !out.isLost();
  }

  private static boolean isText(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    return type.isEmpty()
        || type.startsWith("text/")
        || type.startsWith("application/json")
        || type.endsWith("+json");
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  // A peer must not be able to steer the terminal of the person who reads.
  private String shown(String text) {
    if (!interactive) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
              if (control || Character.getType(c) == Character.FORMAT) {
                shown.append(String.format("\\u%04x", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }

  /** The colours of ECMA-48. */
  enum Colour {
    RED(31),
    GREEN(32),
    BOLD(1);

    private final int code;

    Colour(int code) {
      this.code = code;
    }
  }
}
