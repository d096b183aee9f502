package io.carrick.serialization;

import io.carrick.CodecException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * The failures that all codecs share. They name content type, type and place, never the payload.
 */
final class Failures {

  private Failures() {}

  /** The codec does not take the type. */
  static CodecException unsupported(String contentType, Type type, String remedy) {
    return new CodecException(
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        contentType + " does not carry " + type.getTypeName() + ": " + remedy,
        null);
  }

  /** The type cannot be used, and the cause says why without quoting a payload. */
  static CodecException unusable(String contentType, Type type, String why, Throwable cause) {
    return new CodecException(
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        contentType + " cannot carry " + type.getTypeName() + ": " + why,
        cause);
  }

  /** The library that the codec needs is not installed. */
  static CodecException notInstalled(String contentType, String remedy) {
    return new CodecException(
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        contentType + " needs a library that is not installed: " + remedy,
        null);
  }

  /** A value could not be encoded. */
  static CodecException notEncodable(
      String contentType, Type type, String why, @Nullable Throwable cause) {
    return new CodecException(
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        "value of " + type.getTypeName() + " cannot be encoded as " + contentType + ": " + why,
        cause);
  }

  /** A body does not parse. */
  static CodecException malformed(String contentType, Type type, int length, String where) {
    return new CodecException(
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        contentType
            + " body of "
            + length
            + " bytes does not parse as "
            + type.getTypeName()
            + " at "
            + where
            + ": compare what the sender encodes with the type that is expected",
        null);
  }

  /** A limit was passed. */
  static CodecException limitPassed(
      String contentType, Type type, String limit, @Nullable Throwable cause) {
    return new CodecException(
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        contentType + " as " + type.getTypeName() + " passes a limit: " + limit,
        cause);
  }

  /** The body is larger than the codec takes. */
  static CodecException tooLarge(String contentType, Type type, int length, int limit) {
    return limitPassed(
        contentType,
        type,
        length + " bytes exceed the " + limit + " that the codec takes; send less at a time",
        null);
  }
}
