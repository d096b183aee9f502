package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class MainTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          fly                                                  | 'fly' is no command
          requst a/b                                           | 'requst' is no command; is it request
          request                                              | Missing required parameter: 'TOPIC'
          request a/b                                          | give --connect URI, or set CARRICK_CONNECT
          request --connect unix:/x                            | Missing required parameter: 'TOPIC'
          serve                                                | Missing required option: '--listen=URI'
          request --connect unix:/x a/b one two                 | Unmatched argument at index 5: 'two'; a text of several words needs quotes
          request --connect unix:/x a/b --tiemout 5            | Unknown option: '--tiemout'; if it is no option, put -- before it
          request --connect unix:/x a/b --timeout 5x           | "5x" is no duration
          request --connect unix:/x a/b --timeout 0s           | option '--timeout': 0s must be 1ms to 24h
          request --connect unix:/x a/b --max-message-bytes 9  | option '--max-message-bytes': 9 must be 1024 to 1073741824
          serve --listen unix:/x --drain 25h                   | option '--drain': 25h must be 0 to 24h
          request --connect unix:/x a/b -H none                | option '--header' (HEADER): "none" is no header
          request --connect unix:/x a/b -H a_b!:c              | header name "a_b!" must be 1 to 64
          request --connect unix:/x a/b --priority top         | "top" is none of normal, high, bulk
          request --connect unix:/x a/b x�y               | an argument has bytes that are no text
          request --connect unix:/x a/b --max-latency 0        | option '--max-latency': 0 must be 1us to 8760h
          request --connect unix:/x a/b --count 0              | option '--count': 0 must be 1 to 2147483647
          request --connect unix:/x a/b --count many           | "many" is no whole number
          request --connect unix:/x a/b --security tight       | "tight" is none of none, encrypted
          request --connect unix:/x a/b --delivery twice       | "twice" is none of at-most-once
          request --connect unix:/x a//b                       | topic "a//b" has an empty level
          send --connect unix:/x a/+                           | has a character outside
          subscribe --connect unix:/x a/#/b                    | '#' stands last only
          stream --connect unix:/x a/b --count -3              | option '--count': -3 must be 1 to
          serve --listen unix:/x --name Not_A_Name             | Not_A_Name
          request --connect pigeon:/roof a/b                   | pigeon
          """)
  void aBadCommandLineIsToldInOneLineAndEndsWithTwo(String line, String complaint) {
    Captured captured = Captured.plain();

    int exitCode = captured.run(line.strip().split(" +"));

    assertThat(captured.err()).startsWith("carrick: ").contains(complaint);
    assertThat(captured.errorLines()).hasSize(1);
    assertThat(captured.out()).isEmpty();
    assertThat(exitCode).isEqualTo(2);
  }

  @Test
  void noCommandAtAllIsAWrongCommandLine() {
    Captured captured = Captured.plain();

    assertThat(captured.run()).isEqualTo(2);
    assertThat(captured.err()).contains("Missing required subcommand").contains("--help");
  }

  @Test
  void helpNamesEveryCommandAndEveryExitCode() {
    Captured captured = Captured.plain();

    assertThat(captured.run("--help")).isZero();
    assertThat(captured.out())
        .contains("serve", "request", "send", "stream", "channel", "publish", "subscribe")
        .contains("explain", "demo", "  0     done", "  5     the deadline passed", "  130   ");
  }

  static Stream<CommandLine> commands() {
    return Main.commandLine(Captured.plain().terminal()).getSubcommands().values().stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpWithExamplesThatParseAndTheExitCodes(CommandLine command) {
    Captured captured = Captured.plain();

    assertThat(captured.run(command.getCommandName(), "--help")).isZero();

    assertThat(captured.out()).contains("Usage: carrick " + command.getCommandName());
    assertThat(captured.out()).contains("Exit codes:").contains("  130   interrupted");
    List<String> examples =
        captured.out().lines().filter(line -> line.startsWith("  carrick ")).toList();
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      assertThat(example).startsWith("  carrick " + command.getCommandName());
      List<String> words =
          Pattern.compile("'[^']*'|\\S+")
              .matcher(example)
              .results()
              .map(word -> word.group().replace("'", ""))
              .skip(1)
              .takeWhile(word -> !List.of("|", "<", ">").contains(word))
              .toList();
      Main.commandLine(captured.terminal()).parseArgs(words.toArray(String[]::new));
    }
  }

  @Test
  void theExitCodesOfThePageAreThoseOfTheHelp() throws Exception {
    Map<String, String> ofThePage = new LinkedHashMap<>();
    Files.readAllLines(Path.of("..", "docs", "cli.md")).stream()
        .map(line -> line.split(" \\| |^\\| | \\|$"))
        .filter(cells -> cells.length == 3 && cells[1].matches("[0-9]+"))
        .forEach(cells -> ofThePage.put(cells[1], cells[2]));

    Map<String, String> ofTheHelp =
        Main.commandLine(Captured.plain().terminal())
            .getCommandSpec()
            .usageMessage()
            .exitCodeList();

    assertThat(ofThePage).isEqualTo(ofTheHelp);
  }

  @Test
  void verboseShowsWhereItWentWrong() {
    Captured captured = Captured.plain();

    captured.run("request", "--connect", "unix:/x", "a//b", "--verbose");

    assertThat(captured.err()).contains("\tat io.carrick.cli.RequestCommand.call");
  }

  @Test
  void aBodyLargerThanAMessageIsRefusedBeforeAnythingIsSent() {
    Captured captured = new Captured(false, new byte[2_000]);

    int exitCode =
        captured.run("send", "--connect", "unix:/x", "--max-message-bytes", "1999", "a/b", "-");

    assertThat(exitCode).isEqualTo(2);
    assertThat(captured.err()).contains("more than the 1999 bytes").contains("--max-message-bytes");
  }
}
