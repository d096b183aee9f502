package io.carrick.serialization;

import io.carrick.ContentTypes;
import io.carrick.Message;
import io.carrick.spi.Codec;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Carries records, beans, collections and scalars as JSON (RFC 8259), {@value ContentTypes#JSON}.
 * Needs Jackson 3. Safe for use by any thread.
 *
 * <p>Properties that the type does not have are ignored, since a newer peer may add some; anything
 * behind the value is refused, and so is what would become another value: a fraction for a whole
 * number, a number beyond its type, the same name twice. Times keep their offset or zone. A body
 * never names a class, whatever the annotations of the type say. Limits: {@value #MAX_DEPTH} levels
 * of nesting, strings of {@value #MAX_STRING_LENGTH} characters, names of {@value
 * #MAX_NAME_LENGTH}, numbers of {@value #MAX_NUMBER_LENGTH} digits.
 */
public final class JsonCodec implements Codec {

  /** The most levels of objects and arrays: 64, in both directions. */
  public static final int MAX_DEPTH = 64;

  /** The longest string: 1,048,576 characters. */
  public static final int MAX_STRING_LENGTH = 1 << 20;

  /** The longest name of a property: 1,024 characters. */
  public static final int MAX_NAME_LENGTH = 1_024;

  /** The longest number: 100 digits. */
  public static final int MAX_NUMBER_LENGTH = 100;

  /** The largest document that can be allowed, and the default: 1 GiB. */
  public static final int MAX_DOCUMENT_BYTES = 1 << 30;

  private static final boolean AVAILABLE = Libraries.has("tools.jackson.databind.json.JsonMapper");

  private final int maxDocumentBytes;

  /** Creates the codec for documents of up to 1 GiB; the messenger's limit is usually lower. */
  public JsonCodec() {
    this(MAX_DOCUMENT_BYTES);
  }

  /**
   * Creates the codec.
   *
   * @param maxDocumentBytes the largest document to decode, 1 to {@value #MAX_DOCUMENT_BYTES} bytes
   * @throws IllegalArgumentException if it is outside that range
   */
  public JsonCodec(int maxDocumentBytes) {
    if (maxDocumentBytes < 1 || maxDocumentBytes > MAX_DOCUMENT_BYTES) {
      throw new IllegalArgumentException(
          "maxDocumentBytes " + maxDocumentBytes + " must be 1 to " + MAX_DOCUMENT_BYTES);
    }
    this.maxDocumentBytes = maxDocumentBytes;
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
    return AVAILABLE ? "" : "add tools.jackson.core:jackson-databind 3.2 or later";
  }

  @Override
  public int priority() {
    return 50;
  }

  /** Everything but bytes, {@link Message} and Protocol Buffers messages. */
  @Override
  public boolean supports(Class<?> type) {
    return type != byte[].class
        && type != Message.class
        && type != void.class
        && type != Void.class
        && !ByteBuffer.class.isAssignableFrom(type)
        && !isProtobuf(type);
  }

  @Override
  public byte[] encode(Object value) {
    check(value.getClass());
    return JsonMapping.encode(value);
  }

  @Override
  public <T> T decode(byte[] bytes, Class<T> type) {
    Objects.requireNonNull(bytes, "bytes");
    check(type);
    if (bytes.length > maxDocumentBytes) {
      throw Failures.tooLarge(ContentTypes.JSON, type, bytes.length, maxDocumentBytes);
    }
    return JsonMapping.decode(bytes, type);
  }

  private void check(Class<?> type) {
    if (!supports(type)) {
      throw Failures.unsupported(
          ContentTypes.JSON, type, "use a record, a bean, a collection or a scalar");
    }
    if (!AVAILABLE) {
      throw Failures.notInstalled(ContentTypes.JSON, remedy());
    }
  }

  // By name, since protobuf may not be installed.
  private static boolean isProtobuf(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (c.getName().equals("com.google.protobuf.AbstractMessageLite")) {
        return true;
      }
    }
    return type.isInterface() && type.getName().startsWith("com.google.protobuf.Message");
  }
}
