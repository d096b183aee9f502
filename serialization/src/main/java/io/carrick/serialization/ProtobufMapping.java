package io.carrick.serialization;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.carrick.CodecException;
import io.carrick.ContentTypes;
import java.util.Optional;

/** The only class that refers to protobuf-java, so that the codec loads without it. */
final class ProtobufMapping {

  private static final ClassValue<Optional<Parser<? extends MessageLite>>> PARSERS =
      new ClassValue<>() {
        @Override
        protected Optional<Parser<? extends MessageLite>> computeValue(Class<?> type) {
          return parser(type);
        }
      };

  private ProtobufMapping() {}

  static boolean supports(Class<?> type) {
    return MessageLite.class.isAssignableFrom(type) && PARSERS.get(type).isPresent();
  }

  /** The default instance of a type that is supported and not of the lite runtime. */
  static Message defaultInstance(Class<?> type) {
    try {
      return (Message) type.getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " had a default instance before", e);
    }
  }

  static byte[] encode(Object value) {
    try {
      return ((MessageLite) value).toByteArray();
    } catch (RuntimeException e) {
      throw Failures.notEncodable(
          ContentTypes.PROTOBUF, value.getClass(), "protobuf refused it", e);
    }
  }

  static <T> T decode(byte[] bytes, Class<T> type) {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    in.setRecursionLimit(ProtobufCodec.MAX_DEPTH);
    try {
      MessageLite message = PARSERS.get(type).orElseThrow().parseFrom(in);
      in.checkLastTagWas(0);
      return type.cast(message);
    } catch (InvalidProtocolBufferException e) {
      throw failure(e, in.getTotalBytesRead(), bytes.length, type);
    }
  }

  private static CodecException failure(
      InvalidProtocolBufferException e, int position, int length, Class<?> type) {
    // protobuf gives this failure no type of its own.
    if (String.valueOf(e.getMessage()).contains("too many levels of nesting")) {
      return Failures.limitPassed(
          ContentTypes.PROTOBUF,
          type,
          "nesting is deeper than the " + ProtobufCodec.MAX_DEPTH + " levels allowed",
          null);
    }
    return Failures.malformed(ContentTypes.PROTOBUF, type, length, "byte " + position);
  }

  private static Optional<Parser<? extends MessageLite>> parser(Class<?> type) {
    try {
      Object instance = type.getMethod("getDefaultInstance").invoke(null);
      return instance instanceof MessageLite message && type.isInstance(message)
          ? Optional.of(message.getParserForType())
          : Optional.empty();
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
