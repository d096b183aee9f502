package io.carrick.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A terminal of a test, and what was written to it. */
final class Captured {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Terminal terminal;

  Captured(boolean interactive, byte[] input) {
    terminal =
        new Terminal(
            new Output(out), print(err), new ByteArrayInputStream(input), interactive, false);
  }

  static Captured plain() {
    return new Captured(false, new byte[0]);
  }

  Terminal terminal() {
    return terminal;
  }

  int run(String... arguments) {
    return Main.run(terminal, arguments);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  List<String> errorLines() {
    return err().lines().toList();
  }

  private static PrintStream print(ByteArrayOutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }
}
