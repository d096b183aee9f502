package io.carrick.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Runs the command and turns what it says into an exit code. */
final class Main {

  /** How long a command that was interrupted may take to cancel its call: 1 s. */
  private static final long MOST_MILLIS_TO_END = 1_000;

  private Main() {}

  /** Runs the command; the process ends with its exit code. */
  public static void main(String[] args) {
    // Not System.out: on Java 17 that follows the locale, and replaces what it cannot write by '?'.
    Output out = new Output(new FileOutputStream(FileDescriptor.out));
    PrintStream err = new Output(new FileOutputStream(FileDescriptor.err));
    boolean interactive = Boolean.getBoolean("carrick.terminal");
    Terminal terminal =
        new Terminal(out, err, System.in, interactive, interactive && Terminal.wantsColours());
    CountDownLatch ended = endInOrderWhenInterrupted(Thread.currentThread());
    int exitCode = run(terminal, args);
    err.flush();
    ended.countDown();
    System.exit(exitCode);
  }

  /**
   * A signal (Ctrl-C) interrupts the command, so that it cancels its call and tells the peer before
   * the process ends; the JVM then exits with 128 and the number of the signal.
   */
  private static CountDownLatch endInOrderWhenInterrupted(Thread command) {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              command.interrupt();
              try {
                var unused = ended.await(MOST_MILLIS_TO_END, TimeUnit.MILLISECONDS);
              } catch (InterruptedException e) {
                // Nobody interrupts it; if somebody does, the process ends at once.
                Thread.currentThread().interrupt();
              }
            },
            "carrick-cli-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
    return ended;
  }

  /** Runs the command and returns its exit code. */
  static int run(Terminal terminal, String... args) {
    if (Arrays.stream(args).anyMatch(arg -> arg.indexOf('\uFFFD') >= 0)) {
      terminal.error(
          "an argument has bytes that are no text in this locale, which Java cannot read: set"
              + " LC_ALL=C.UTF-8, or give the body on standard input, as -");
      return ExitCode.USAGE;
    }
    int exitCode = commandLine(terminal).execute(args);
    if (!terminal.out().isLost()) {
      return exitCode;
    }
    terminal.out().complaint().ifPresent(terminal::error);
    return exitCode == ExitCode.DONE ? ExitCode.OUTPUT_LOST : exitCode;
  }

  /** The command, ready to be parsed or run. */
  static CommandLine commandLine(Terminal terminal) {
    CarrickCommand carrick = new CarrickCommand();
    CommandLine line =
        new CommandLine(carrick)
            .addSubcommand(new ServeCommand(terminal))
            .addSubcommand(new ReplyCommand(terminal))
            .addSubcommand(new RequestCommand(terminal))
            .addSubcommand(new SendCommand(terminal))
            .addSubcommand(new StreamCommand(terminal))
            .addSubcommand(new ChannelCommand(terminal))
            .addSubcommand(new PublishCommand(terminal))
            .addSubcommand(new SubscribeCommand(terminal))
            .addSubcommand(new ListCommand(terminal))
            .addSubcommand(new PingCommand(terminal))
            .addSubcommand(new BenchCommand(terminal))
            .addSubcommand(new ExplainCommand(terminal))
            .addSubcommand(new CertCommand(terminal))
            .addSubcommand(new DemoCommand(terminal))
            .addSubcommand(new BrowserCommand(terminal))
            .addSubcommand(new CompletionCommand(terminal))
            .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    line.getSubcommands().values().forEach(Main::endWithALine);
    endWithALine(line);
    // A body "@name" is a body, not the words of a file of that name.
    line.setExpandAtFiles(false);
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            terminal.coloured() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    line.setParameterExceptionHandler(
        (e, arguments) -> {
          terminal.error(
              Faults.ofCommandLine(e)
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
          int exitCode = ExitCode.of(e);
          if (exitCode != ExitCode.INTERRUPTED) {
            terminal.error(ExitCode.describe(e));
          }
          return exitCode;
        });
    line.setExecutionStrategy(
        parsed -> {
          Logs.configure(carrick.verbose, parsed.subcommand());
          return new CommandLine.RunLast().execute(parsed);
        });
    return line;
  }

  // Picocli ends what stands last in the help without an end of line.
  private static void endWithALine(CommandLine line) {
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    usage.footer(
        Stream.concat(Arrays.stream(usage.footer()), Stream.of("")).toArray(String[]::new));
  }
}
