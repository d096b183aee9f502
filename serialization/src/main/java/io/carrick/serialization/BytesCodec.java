package io.carrick.serialization;

import io.carrick.ContentTypes;
import io.carrick.spi.Codec;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Carries {@code byte[]} and {@link ByteBuffer} as they are, {@value ContentTypes#BYTES}. Copies
 * both ways, so that neither side sees later changes of the other. Safe for use by any thread.
 */
public final class BytesCodec implements Codec {

  /** Creates the codec; it has no state. */
  public BytesCodec() {}

  @Override
  public String contentType() {
    return ContentTypes.BYTES;
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public boolean supports(Class<?> type) {
    return type == byte[].class || ByteBuffer.class.isAssignableFrom(type);
  }

  /** Encodes an array, or what remains in a buffer, whose position stays where it is. */
  @Override
  public byte[] encode(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes.clone();
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    throw Failures.unsupported(ContentTypes.BYTES, value.getClass(), "use byte[] or ByteBuffer");
  }

  @Override
  public <T> T decode(byte[] bytes, Class<T> type) {
    Objects.requireNonNull(bytes, "bytes");
    Object value = type == byte[].class ? bytes.clone() : ByteBuffer.wrap(bytes.clone());
    if (!supports(type) || !type.isInstance(value)) {
      throw Failures.unsupported(ContentTypes.BYTES, type, "use byte[] or ByteBuffer");
    }
    return type.cast(value);
  }
}
