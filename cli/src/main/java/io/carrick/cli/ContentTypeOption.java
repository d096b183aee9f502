package io.carrick.cli;

import io.carrick.ContentTypes;
import picocli.CommandLine.Option;

/** The option of every command that sends a body. */
final class ContentTypeOption {

  @Option(
      names = "--content-type",
      paramLabel = "TYPE",
      defaultValue = ContentTypes.TEXT,
      description = "What the body is; default: ${DEFAULT-VALUE}.")
  String type = ContentTypes.TEXT;
}
