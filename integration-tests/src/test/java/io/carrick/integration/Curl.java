package io.carrick.integration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Runs the real curl. */
final class Curl {

  /**
   * What it printed of a response.
   *
   * @param head status line and headers, in lower case
   */
  record Response(int status, String head, String body) {

    /** The value of a header; empty where there is none. */
    String header(String name) {
      return head.lines()
          .filter(line -> line.startsWith(name + ": "))
          .map(line -> line.substring(name.length() + 2).strip())
          .findFirst()
          .orElse("");
    }
  }

  private Curl() {}

  /** The response to a call with these arguments; within 20 s. */
  static Response call(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-i", "-m", "20"));
    command.addAll(List.of(arguments));
    Process curl = start(command);
    String out = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    curl.waitFor(20, TimeUnit.SECONDS);
    int end = out.indexOf("\r\n\r\n");
    while (end > 0 && out.startsWith("100", out.indexOf(' ') + 1)) {
      out = out.substring(end + 4);
      end = out.indexOf("\r\n\r\n");
    }
    if (end < 0) {
      throw new IOException(
          "curl ended with " + curl.exitValue() + " and printed no response: " + out);
    }
    String head = out.substring(0, end).toLowerCase(Locale.ROOT);
    return new Response(
        Integer.parseInt(head.split(" ", 3)[1].strip().substring(0, 3)),
        head,
        out.substring(end + 4));
  }

  /** Begins a call, whose output is read by the caller. */
  static Process begin(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-N"));
    command.addAll(List.of(arguments));
    return start(command);
  }

  private static Process start(List<String> command) throws IOException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      Prerequisite.CURL.check(false, "install curl with HTTP/2");
      throw e;
    }
  }

  /** A line of an output that begins so; those before it are thrown away. */
  static String lineOf(InputStream output, String beginning) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = output.read(); c >= 0; c = output.read()) {
      if (c != '\n') {
        line.append((char) c);
      } else if (line.toString().startsWith(beginning)) {
        return line.toString();
      } else {
        line.setLength(0);
      }
    }
    throw new IOException("the output ended without " + beginning);
  }
}
