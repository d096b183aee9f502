package io.carrick.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what makes a shell complete the command line. */
@Command(
    name = "completion",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick completion > carrick_completion",
      "",
      "  carrick completion | source /dev/stdin"
    },
    description = "Prints a script that makes bash or zsh complete commands and options.")
final class CompletionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Terminal terminal;

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal.line(AutoComplete.bash("carrick", spec.root().commandLine()).stripTrailing());
    return ExitCode.DONE;
  }
}
