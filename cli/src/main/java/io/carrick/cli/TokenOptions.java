package io.carrick.cli;

import io.carrick.Messenger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option of every command that shows a token. */
final class TokenOptions {

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "A bearer token to show to the service, in one line; read again before it expires.")
  Optional<Path> file = Optional.empty();

  void applyTo(Messenger.Builder builder) {
    if (file.isPresent()) {
      Path from = file.get();
      if (!Files.isReadable(from)) {
        throw new IllegalArgumentException("--token-file " + from + " cannot be read");
      }
      builder.token(() -> read(from));
    }
  }

  private static String read(Path from) {
    try {
      return Files.readString(from).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("the token file " + from + " cannot be read", e);
    }
  }
}
