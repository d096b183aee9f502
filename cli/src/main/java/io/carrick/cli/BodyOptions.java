package io.carrick.cli;

import io.carrick.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The topic and the body of a message. */
final class BodyOptions {

  @Parameters(index = "0", paramLabel = "TOPIC", description = "Where the message goes.")
  String topic = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "BODY",
      description =
          "The body, as it is (@name, too); - reads bytes from standard input. Default: empty.")
  Optional<String> body = Optional.empty();

  @Mixin private ContentTypeOption contentType = new ContentTypeOption();

  /** The message; reads the standard input where asked to, and no more than a message may hold. */
  Message message(InputStream in, int maxMessageBytes) throws IOException {
    if (body.isEmpty()) {
      return Message.empty();
    }
    if (!body.get().equals("-")) {
      return Message.of(contentType.type, body.get().getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = in.readNBytes(maxMessageBytes);
    if (bytes.length == maxMessageBytes && in.read() >= 0) {
      throw tooLong(maxMessageBytes);
    }
    return Message.of(contentType.type, bytes);
  }

  /** Standard input holds a body that is longer than a message may be. */
  static IllegalArgumentException tooLong(int maxMessageBytes) {
    return new IllegalArgumentException(
        "standard input has more than the "
            + maxMessageBytes
            + " bytes that a message may have: raise --max-message-bytes on both sides");
  }
}
