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

  /**
   * The same with a code of its own: UNAUTHENTICATED where a token expired, FAILED_PRECONDITION
   * where the remote was closed.
   */
  public SessionLostException(
      StatusCode code, Delivered delivered, String message, @Nullable Throwable cause) {
    super(code, delivered, message, cause);
  }

  /** As elsewhere, but not on a remote that was closed: it stays so. */
  @Override
  public boolean retrySafe() {
    return super.retrySafe() && code() != StatusCode.FAILED_PRECONDITION;
  }
}
