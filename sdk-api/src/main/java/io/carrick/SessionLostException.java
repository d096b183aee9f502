package io.carrick;

import org.jspecify.annotations.Nullable;

/** The session ended before the call did: its peer is gone, or no path to it is left. */
public final class SessionLostException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the end of a call by the loss of its session.
   *
   * @param delivered NO where the call was never sent, MAYBE where it was and no answer was seen
   */
  public SessionLostException(Delivered delivered, String message, @Nullable Throwable cause) {
    this(StatusCode.UNAVAILABLE, delivered, message, cause);
  }

  /** The same with a code of its own: UNAUTHENTICATED where a token expired. */
  public SessionLostException(
      StatusCode code, Delivered delivered, String message, @Nullable Throwable cause) {
    super(code, delivered, message, cause);
  }
}
