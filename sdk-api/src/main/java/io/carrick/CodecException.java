package io.carrick;

import org.jspecify.annotations.Nullable;

/** A value could not be turned into bytes, or bytes into a value, or both sides share no codec. */
public final class CodecException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates a failure of a codec.
   *
   * @param code INVALID_ARGUMENT for a body that does not parse, FAILED_PRECONDITION where no codec
   *     is shared or installed, RESOURCE_EXHAUSTED where a limit of the codec was passed
   */
  public CodecException(
      StatusCode code, Delivered delivered, String message, @Nullable Throwable cause) {
    super(code, delivered, message, cause);
  }

  @Override
  public boolean retrySafe() {
    return false;
  }
}
