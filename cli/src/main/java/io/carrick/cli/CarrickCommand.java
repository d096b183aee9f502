package io.carrick.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code carrick}, which does nothing by itself. */
@Command(
    name = "carrick",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick demo",
      "  carrick serve --listen grpc://127.0.0.1:7400",
      "  carrick request -c grpc://127.0.0.1:7400 carrick/echo hello"
    },
    description = "Serves and calls Carrick services.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    versionProvider = CarrickCommand.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:something else went wrong",
      "2:the command line is wrong, or what it names cannot be used",
      "3:nobody answers, or no path meets the needs",
      "4:the handler failed, there is none, or a limit or a codec refused the call on either side",
      "5:the deadline passed",
      "6:the output could not be written; a pipe that was closed is not told",
      "130:interrupted by Ctrl-C"
    })
final class CarrickCommand {

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces and log messages.")
  boolean verbose;

  /** The version of the jar that runs. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Package place = CarrickCommand.class.getPackage();
      return new String[] {
        "carrick " + Optional.ofNullable(place.getImplementationVersion()).orElse("(not packaged)"),
        "Java " + Runtime.version()
      };
    }
  }
}
