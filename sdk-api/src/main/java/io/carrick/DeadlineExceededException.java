package io.carrick;

/** The deadline of a call passed before it ended. */
public final class DeadlineExceededException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** Creates an expiry; {@code delivered} is NO where the call never left this process. */
  public DeadlineExceededException(Delivered delivered, String message) {
    super(StatusCode.DEADLINE_EXCEEDED, delivered, message, null);
  }
}
