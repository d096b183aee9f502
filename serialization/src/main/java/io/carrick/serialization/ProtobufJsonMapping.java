package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.carrick.ContentTypes;
import java.nio.charset.CharacterCodingException;

/** The only class that refers to protobuf-java-util, so that the codec loads without it. */
final class ProtobufJsonMapping {

  // Both know no types but those of the messages themselves, so that no Any finds another one.
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private ProtobufJsonMapping() {}

  static boolean supports(Class<?> type) {
    return Message.class.isAssignableFrom(type) && ProtobufMapping.supports(type);
  }

  static byte[] encode(Object value) {
    try {
      return Utf8.encode(PRINTER.print((Message) value));
    } catch (InvalidProtocolBufferException | CharacterCodingException e) {
      throw Failures.notEncodable(
          ContentTypes.JSON, value.getClass(), "it holds an Any, or a text that is none", e);
    }
  }

  static <T> T decode(byte[] bytes, Class<T> type) {
    // protobuf's reader has none of the limits, and takes the same name twice.
    JsonMapping.DEFAULT.check(bytes, type);
    Message.Builder builder = ProtobufMapping.defaultInstance(type).newBuilderForType();
    try {
      PARSER.merge(new String(bytes, UTF_8), builder);
      return type.cast(builder.build());
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      // Without the cause: its message quotes the payload.
      throw Failures.malformed(
          ContentTypes.JSON, type, bytes.length, "an unknown place, as JSON of protobuf");
    }
  }
}
