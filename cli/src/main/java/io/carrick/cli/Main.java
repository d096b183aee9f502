package io.carrick.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Runs the command and turns what it says into an exit code. */
final class Main {

  private Main() {}

  /** Runs the command; the process ends with its exit code. */
  public static void main(String[] args) {
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    Terminal terminal = new Terminal(out, err, System.in, Boolean.getBoolean("carrick.terminal"));
    int exitCode = run(terminal, args);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /** Runs the command and returns its exit code. */
  static int run(Terminal terminal, String... args) {
    return commandLine(terminal).execute(args);
  }

  /** The command, ready to be parsed or run. */
  static CommandLine commandLine(Terminal terminal) {
    CarrickCommand carrick = new CarrickCommand();
    CommandLine line =
        new CommandLine(carrick)
            .addSubcommand(new ServeCommand(terminal))
            .addSubcommand(new RequestCommand(terminal))
            .addSubcommand(new SendCommand(terminal))
            .addSubcommand(new StreamCommand(terminal))
            .addSubcommand(new ChannelCommand(terminal))
            .addSubcommand(new PublishCommand(terminal))
            .addSubcommand(new SubscribeCommand(terminal))
            .addSubcommand(new ExplainCommand(terminal))
            .addSubcommand(new CertCommand(terminal))
            .addSubcommand(new DemoCommand(terminal))
            .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler(
        (e, arguments) -> {
          terminal.error(
              e.getMessage()
                  + "; try '"
                  + e.getCommandLine().getCommandSpec().qualifiedName()
                  + " --help'");
          return ExitCode.USAGE;
        });
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (carrick.verbose) {
            e.printStackTrace(terminal.err());
          }
          terminal.error(ExitCode.describe(e));
          return ExitCode.of(e);
        });
    line.setExecutionStrategy(
        parsed -> {
          Logs.configure(carrick.verbose, parsed.subcommand());
          return new CommandLine.RunLast().execute(parsed);
        });
    return line;
  }

  // Not System.out: on Java 17 that follows the locale, and replaces what it cannot write by '?'.
  private static PrintStream utf8(FileDescriptor descriptor) {
    OutputStream stream = new BufferedOutputStream(new FileOutputStream(descriptor), 8_192);
    return new PrintStream(stream, false, StandardCharsets.UTF_8);
  }
}
