package io.carrick.serialization;

import io.carrick.ContentTypes;
import io.carrick.spi.Codec;
import java.util.Objects;

/**
 * Carries generated Protocol Buffers messages as the JSON that Protocol Buffers define, {@value
 * ContentTypes#JSON}, for peers that have no {@link ProtobufCodec}. Needs protobuf-java-util and
 * Jackson 3. Safe for use by any thread.
 *
 * <p>Properties that the type does not have are ignored. The limits of {@link JsonCodec} hold, and
 * the same name twice is refused. An {@code Any} is refused in both directions: a body would name
 * its type. Messages of the lite runtime are not taken.
 */
public final class ProtobufJsonCodec implements Codec {

  private static final boolean AVAILABLE =
      Libraries.has("com.google.protobuf.util.JsonFormat")
          && Libraries.has("tools.jackson.databind.json.JsonMapper");

  private final int maxDocumentBytes;

  /** Creates the codec for documents of up to 1 GiB; the messenger's limit is usually lower. */
  public ProtobufJsonCodec() {
    this(JsonCodec.MAX_DOCUMENT_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxDocumentBytes the largest document to decode, 1 to {@value
   *     JsonCodec#MAX_DOCUMENT_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public ProtobufJsonCodec(int maxDocumentBytes) {
    this.maxDocumentBytes = DocumentCodec.checked(maxDocumentBytes);
  }

  @Override
  public String contentType() {
    return ContentTypes.JSON;
  }

  @Override
  public boolean isAvailable() {
    return AVAILABLE;
  }

  @Override
  public String remedy() {
    return AVAILABLE
        ? ""
        : "add com.google.protobuf:protobuf-java-util 4.36 and tools.jackson.core:jackson-databind"
            + " 3.2, or later ones, for messages of protobuf";
  }

  @Override
  public int priority() {
    return 70;
  }

  @Override
  public boolean supports(Class<?> type) {
    Objects.requireNonNull(type, "type");
    return AVAILABLE && ProtobufJsonMapping.supports(type);
  }

  @Override
  public byte[] encode(Object value) {
    check(value.getClass());
    return ProtobufJsonMapping.encode(value);
  }

  @Override
  public <T> T decode(byte[] bytes, Class<T> type) {
    Objects.requireNonNull(bytes, "bytes");
    check(type);
    if (bytes.length > maxDocumentBytes) {
      throw Failures.tooLarge(ContentTypes.JSON, type, bytes.length, maxDocumentBytes);
    }
    return ProtobufJsonMapping.decode(bytes, type);
  }

  private void check(Class<?> type) {
    Objects.requireNonNull(type, "type");
    if (!AVAILABLE) {
      throw Failures.notInstalled(ContentTypes.JSON, remedy());
    }
    if (!supports(type)) {
      throw Failures.unsupported(
          ContentTypes.JSON, type, "use a class that protoc generated, not for the lite runtime");
    }
  }
}
