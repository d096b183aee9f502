package io.carrick;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The peer answered a call with a failure. A handler throws one to choose the code, the message and
 * the details that its caller sees; what else a handler throws reaches the caller as {@link
 * StatusCode#UNKNOWN} without its message, so that no internals leak.
 */
public final class CallException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** The most details that travel: 16 entries. */
  public static final int MAX_DETAILS = 16;

  // A map of strings is serializable in all implementations that Map.copyOf gives.
  @SuppressWarnings("serial")
  private final Map<String, String> details;

  /** Creates a failure as a handler throws it. */
  public CallException(StatusCode code, String message) {
    this(code, Delivered.YES, message, Map.of(), null);
  }

  /** Creates a failure with details for programs to read. */
  public CallException(StatusCode code, String message, Map<String, String> details) {
    this(code, Delivered.YES, message, details, null);
  }

  /**
   * Creates a failure as a caller sees it.
   *
   * @throws IllegalArgumentException if the code is OK or more than {@value #MAX_DETAILS} details
   *     are given
   */
  public CallException(
      StatusCode code,
      Delivered delivered,
      String message,
      Map<String, String> details,
      @Nullable Throwable cause) {
    super(code, delivered, message, cause);
    if (code == StatusCode.OK) {
      throw new IllegalArgumentException("code OK is no failure: choose another code");
    }
    this.details = checked(details);
  }

  /** A copy of details, if they can travel. */
  static Map<String, String> checked(Map<String, String> details) {
    if (details.size() > MAX_DETAILS) {
      throw new IllegalArgumentException(
          details.size() + " details exceed the " + MAX_DETAILS + " that travel with a failure");
    }
    return Map.copyOf(details);
  }

  /**
   * As elsewhere, but not for a refusal that stays however often one asks, as PERMISSION_DENIED and
   * UNIMPLEMENTED do.
   */
  @Override
  public boolean retrySafe() {
    return super.retrySafe()
        && switch (code()) {
          case INVALID_ARGUMENT,
              FAILED_PRECONDITION,
              PERMISSION_DENIED,
              UNAUTHENTICATED,
              UNIMPLEMENTED ->
              false;
          default -> true;
        };
  }

  @Override
  public Map<String, String> details() {
    return details;
  }
}
