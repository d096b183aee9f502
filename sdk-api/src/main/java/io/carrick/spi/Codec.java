package io.carrick.spi;

import io.carrick.CodecException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import java.lang.reflect.Type;
import java.util.Objects;

/**
 * Turns values into bytes and back, for one content type. Found by {@link java.util.ServiceLoader},
 * or given to {@link io.carrick.Messenger.Builder#codec}. Safe for use by any thread. The peer
 * never names a class: the type to decode to comes from the application.
 */
public interface Codec {

  /** The media type it stands for, in lower case, without parameters. */
  String contentType();

  /** Whether it is complete: false where an optional library that it needs is not installed. */
  default boolean isAvailable() {
    return true;
  }

  /** What to install where it is not available, for instance a Maven artifact. */
  default String remedy() {
    return "";
  }

  /**
   * Its place among codecs that take the same type: the highest one that the peer offers too is
   * used, 0 to 100.
   */
  int priority();

  /** Whether it can encode and decode values of the type. */
  boolean supports(Class<?> type);

  /**
   * Whether it can encode and decode values of a type that may have arguments, such as {@code
   * List<Order>}. By default of no other than a class.
   */
  default boolean supports(Type type) {
    return type instanceof Class<?> plain && supports(plain);
  }

  /**
   * Encodes a value.
   *
   * @throws io.carrick.CodecException if the value cannot be encoded
   */
  byte[] encode(Object value);

  /**
   * Encodes a value as a type that it was declared with, and that {@link #supports(Type)}. By
   * default as what it is.
   *
   * @throws io.carrick.CodecException if the value cannot be encoded
   */
  default byte[] encode(Object value, Type type) {
    return encode(value);
  }

  /**
   * Decodes bytes, which it may not change, and may keep only as a copy.
   *
   * @throws io.carrick.CodecException with INVALID_ARGUMENT if the bytes do not parse as the type
   */
  <T> T decode(byte[] bytes, Class<T> type);

  /**
   * Decodes bytes as a type that may have arguments; otherwise as {@link #decode(byte[], Class)}.
   *
   * @throws io.carrick.CodecException with INVALID_ARGUMENT if the bytes do not parse as the type,
   *     with FAILED_PRECONDITION if it does not support such a type, as by default
   */
  default Object decode(byte[] bytes, Type type) {
    Objects.requireNonNull(type, "type");
    if (type instanceof Class<?> plain) {
      return decode(bytes, plain);
    }
    throw new CodecException(
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        contentType()
            + " carries no types with arguments, such as "
            + type.getTypeName()
            + ": use JSON, CBOR or MessagePack for them",
        null);
  }
}
