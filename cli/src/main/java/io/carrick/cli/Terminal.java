package io.carrick.cli;

import io.carrick.Message;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Base64;
import java.util.Locale;

/**
 * Where a command reads and writes.
 *
 * @param out results; not flushed by itself
 * @param err errors and progress
 * @param in the standard input
 * @param interactive whether a person looks at both {@code out} and {@code err}
 */
record Terminal(PrintStream out, PrintStream err, InputStream in, boolean interactive) {

  /** Prints one line that tells what went wrong. */
  void error(String text) {
    err.println("carrick: " + text.strip().replaceAll("\\s*\\R\\s*", "; "));
    err.flush();
  }

  /** Prints one line of results at once. */
  void line(String text) {
    out.println(text);
    out.flush();
  }

  /**
   * Prints a message's body: text and JSON as they are, other bytes as base64, with an end of line
   * unless the text has one.
   *
   * @return whether somebody still reads
   */
  boolean body(Message message) {
    String text =
        isText(message.contentType())
            ? message.text()
            : Base64.getEncoder().encodeToString(message.toByteArray());
    String shown = interactive ? harmless(text) : text;
    out.print(shown.endsWith("\n") ? shown : shown + "\n");
    return !out.checkError();
  }

  /** Prints a message's bytes and nothing else; returns whether somebody still reads. */
  boolean raw(Message message) {
    byte[] bytes = message.toByteArray();
    out.write(bytes, 0, bytes.length);
    return !out.checkError();
  }

  private static boolean isText(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    return type.isEmpty()
        || type.startsWith("text/")
        || type.startsWith("application/json")
        || type.endsWith("+json");
  }

  // A peer must not be able to steer the terminal of the person who reads.
  private static String harmless(String text) {
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
}
