package io.carrick.serialization;

import io.carrick.ContentTypes;
import io.carrick.spi.Codec;
import java.util.Objects;

/**
 * Carries generated Protocol Buffers messages, {@value ContentTypes#PROTOBUF}. Needs protobuf-java.
 * Safe for use by any thread.
 *
 * <p>Unknown fields are kept, as protobuf does. Limit: {@value #MAX_DEPTH} levels of nesting. Types
 * without a default instance of their own, such as {@code DynamicMessage}, are not taken.
 */
public final class ProtobufCodec implements Codec {

  /** The most levels of messages and groups: 64. */
  public static final int MAX_DEPTH = 64;

  /** The largest message that can be allowed, and the default: 1 GiB. */
  public static final int MAX_MESSAGE_BYTES = 1 << 30;

  private static final boolean AVAILABLE = Libraries.has("com.google.protobuf.MessageLite");

  private final int maxMessageBytes;

  /** Creates the codec for messages of up to 1 GiB; the messenger's limit is usually lower. */
  public ProtobufCodec() {
    this(MAX_MESSAGE_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxMessageBytes the largest message to decode, 1 to {@value #MAX_MESSAGE_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public ProtobufCodec(int maxMessageBytes) {
    if (maxMessageBytes < 1 || maxMessageBytes > MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "maxMessageBytes " + maxMessageBytes + " must be 1 to " + MAX_MESSAGE_BYTES);
    }
    this.maxMessageBytes = maxMessageBytes;
  }

  @Override
  public String contentType() {
    return ContentTypes.PROTOBUF;
  }

  @Override
  public boolean isAvailable() {
    return AVAILABLE;
  }

  @Override
  public String remedy() {
    return AVAILABLE ? "" : "add com.google.protobuf:protobuf-java 4.36 or later";
  }

  @Override
  public int priority() {
    return 80;
  }

  @Override
  public boolean supports(Class<?> type) {
    Objects.requireNonNull(type, "type");
    return AVAILABLE && ProtobufMapping.supports(type);
  }

  @Override
  public byte[] encode(Object value) {
    check(value.getClass());
    return ProtobufMapping.encode(value);
  }

  @Override
  public <T> T decode(byte[] bytes, Class<T> type) {
    Objects.requireNonNull(bytes, "bytes");
    check(type);
    if (bytes.length > maxMessageBytes) {
      throw Failures.tooLarge(ContentTypes.PROTOBUF, type, bytes.length, maxMessageBytes);
    }
    return ProtobufMapping.decode(bytes, type);
  }

  private void check(Class<?> type) {
    Objects.requireNonNull(type, "type");
    if (!AVAILABLE) {
      throw Failures.notInstalled(ContentTypes.PROTOBUF, remedy());
    }
    if (!supports(type)) {
      throw Failures.unsupported(
          ContentTypes.PROTOBUF, type, "use a class that protoc generated, in an open package");
    }
  }
}
