package io.carrick.cli;

import picocli.CommandLine.Option;

/** The option of every command that sends or takes messages. */
final class MessageSizeOption {

  @Option(
      names = "--max-message-bytes",
      paramLabel = "BYTES",
      defaultValue = "4194304",
      converter = Converters.OfMessageBytes.class,
      description = "The largest message, in and out; default: ${DEFAULT-VALUE}.")
  int bytes = 4 << 20;
}
