package io.carrick.cli;

import picocli.CommandLine.Option;

/** How often a call is made. */
final class Repetition {

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      converter = Converters.OfCount.class,
      description = "How often to do it, one after the other; default: ${DEFAULT-VALUE}.")
  int count = 1;

  /**
   * Does it until nobody reads any more, with a progress bar where there is something to wait for.
   */
  void run(Terminal terminal, String what, Step step) throws Exception {
    try (Progress progress = new Progress(terminal, what, count)) {
      for (int i = 0; i < count && step.run(); i++) {
        progress.advance(i + 1);
      }
    }
  }

  /** One call. */
  @FunctionalInterface
  interface Step {
    /** Makes the call; returns whether to go on. */
    boolean run() throws Exception;
  }
}
