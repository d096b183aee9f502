package io.carrick.cli;

import io.carrick.ContentTypes;
import io.carrick.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The topic and the body of a message. */
final class BodyOptions {

  @Parameters(index = "0", paramLabel = "TOPIC", description = "Where the message goes.")
  String topic = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "BODY",
      description = "The body, or - to read it from standard input; default: empty.")
  Optional<String> body = Optional.empty();

  @Option(
      names = "--content-type",
      paramLabel = "TYPE",
      defaultValue = ContentTypes.TEXT,
      description = "What the body is; default: ${DEFAULT-VALUE}.")
  String contentType = ContentTypes.TEXT;

  /** The message; reads the standard input where asked to, and no more than a message may hold. */
  Message message(InputStream in, int maxMessageBytes) throws IOException {
    if (body.isEmpty()) {
      return Message.empty();
    }
    if (!body.get().equals("-")) {
      return Message.of(contentType, body.get().getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = in.readNBytes(maxMessageBytes);
    if (bytes.length == maxMessageBytes && in.read() >= 0) {
      throw new IllegalArgumentException(
          "standard input has more than the "
              + maxMessageBytes
              + " bytes that a message may have: raise --max-message-bytes on both sides");
    }
    return Message.of(contentType, bytes);
  }
}
