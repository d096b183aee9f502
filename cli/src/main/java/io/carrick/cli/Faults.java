package io.carrick.cli;

import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What went wrong, in the words of the command line. The SDK speaks to programs and names its
 * methods; who types a command has options instead.
 */
final class Faults {

  private record Phrase(Pattern ofTheSdk, String ofTheCommand) {
    Phrase(String ofTheSdk, String ofTheCommand) {
      this(Pattern.compile(ofTheSdk), ofTheCommand);
    }
  }

  private static final List<Phrase> PHRASES =
      List.of(
          new Phrase(
              "set tls\\(TlsConfig\\) with an identity", "give them by --tls-cert and --tls-key"),
          new Phrase(
              "give this side an identity by tls\\(\\.{3}\\)",
              "give this side an identity by --tls-cert and --tls-key"),
          new Phrase(
              "set Messenger\\.Builder\\.token\\(\\.{3}\\), or send authorization",
              "show one by --token-file"),
          new Phrase(" \\(tokensInClear\\(\\) allows it in tests\\)", ""),
          new Phrase("raise maxMessageBytes of carrick-cli", "raise --max-message-bytes"),
          new Phrase(
              "raise maxMessageBytes of (\\S+),",
              "raise maxMessageBytes of $1 (where that is carrick serve, --max-message-bytes),"),
          new Phrase("raise the connect time-out", "raise --timeout"),
          new Phrase(
              ": (call it so, or )?register one with \\w+\\(\\)",
              "; 'carrick list' shows what it has"),
          new Phrase(
              "allow it by samePrincipal\\(\\.{3}\\), or use endpoints that show the same",
              "use endpoints that show the same"),
          new Phrase(
              "raise its concurrency", "let the service raise the concurrency of that handler"));

  private Faults() {}

  /** A message of the SDK with options where that names methods. */
  static String inFlags(String message) {
    String text = message;
    for (Phrase phrase : PHRASES) {
      text = phrase.ofTheSdk().matcher(text).replaceAll(phrase.ofTheCommand());
    }
    return text;
  }

  /** What is wrong with a command line, and what may be meant. */
  static String ofCommandLine(ParameterException e) {
    String message = String.valueOf(e.getMessage());
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return message;
    }
    String first = unmatched.getUnmatched().get(0);
    List<String> alike = unmatched.getSuggestions();
    if (e.getCommandLine().getParent() == null && !first.startsWith("-")) {
      return "'"
          + first
          + "' is no command"
          + (alike.isEmpty() ? "" : "; is it " + String.join(" or ", alike) + "?");
    }
    return message
        + (first.startsWith("-")
            ? "; if it is no option, put -- before it"
            : "; a text of several words needs quotes");
  }
}
