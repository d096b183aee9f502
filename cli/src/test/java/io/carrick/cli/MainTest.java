package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          fly                                                  | Unmatched argument
          request                                              | Missing required option
          request --connect unix:/x                            | Missing required parameter: 'TOPIC'
          serve                                                | Missing required option: '--listen=URI'
          request --connect unix:/x a/b one two                 | Unmatched argument at index 5: 'two'
          request --connect unix:/x a/b --timeout 5x           | "5x" is no duration
          request --connect unix:/x a/b --timeout 0s           | deadline PT0S must be 1 ms to 24 h
          request --connect unix:/x a/b --max-latency 0        | maxLatency PT0S must be positive
          request --connect unix:/x a/b --count 0              | --count 0 must be 1 or more
          request --connect unix:/x a/b --count many           | 'many' is not an int
          request --connect unix:/x a/b --security tight       | "tight" is none of none, encrypted
          request --connect unix:/x a/b --delivery twice       | "twice" is none of at-most-once
          request --connect unix:/x a//b                       | topic "a//b" has an empty level
          send --connect unix:/x a/+                           | has a character outside
          subscribe --connect unix:/x a/#/b                    | '#' stands last only
          stream --connect unix:/x a/b --count -3              | --count -3 must be 1 or more
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
        .contains("explain", "demo", "0   done", "5   the deadline passed");
  }

  @Test
  void everyCommandHasHelp() {
    Captured captured = Captured.plain();

    assertThat(captured.run("request", "--help")).isZero();
    assertThat(captured.out()).contains("--timeout", "--max-latency", "--delivery", "--security");
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
