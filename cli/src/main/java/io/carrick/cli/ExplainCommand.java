package io.carrick.cli;

import io.carrick.Explanation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Connects and prints which path is used and why. */
@Command(
    name = "explain",
    description = "Connects and prints which path is used, which are not, and why.")
final class ExplainCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  private final Terminal terminal;

  ExplainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    try (Caller caller = Caller.of(calling)) {
      try {
        caller.connect();
      } finally {
        Explanation explanation = caller.remote().explain();
        terminal.line(json ? explanation.toJson() : explanation.toString().stripTrailing());
      }
    }
    return ExitCode.DONE;
  }
}
