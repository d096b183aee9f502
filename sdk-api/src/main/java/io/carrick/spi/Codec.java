package io.carrick.spi;

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
   * Encodes a value.
   *
   * @throws io.carrick.CodecException if the value cannot be encoded
   */
  byte[] encode(Object value);

  /**
   * Decodes bytes, which it may keep only as a copy.
   *
   * @throws io.carrick.CodecException with INVALID_ARGUMENT if the bytes do not parse as the type
   */
  <T> T decode(byte[] bytes, Class<T> type);
}
