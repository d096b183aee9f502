package io.carrick.cli;

import picocli.CommandLine.Option;

/** How often a call is made. */
final class Repetition {

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often to do it, one after the other; default: ${DEFAULT-VALUE}.")
  int count = 1;

  /** Refuses a count that is none. */
  void check() {
    if (count < 1) {
      throw new IllegalArgumentException("--count " + count + " must be 1 or more");
    }
  }

  /** Does it, with a progress bar where there is something to wait for. */
  void run(Terminal terminal, String what, Step step) throws Exception {
    try (Progress progress = new Progress(terminal, what, count)) {
      for (int i = 0; i < count; i++) {
        step.run();
        progress.advance(i + 1);
      }
    }
  }

  /** One call. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }
}
