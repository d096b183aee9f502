package io.carrick;

import org.jspecify.annotations.Nullable;

/** The call was cancelled, by its caller or because its caller went away. */
public final class CallCancelledException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** Creates a cancellation; {@code delivered} is NO where the call never left this process. */
  public CallCancelledException(Delivered delivered, String message) {
    super(StatusCode.CANCELLED, delivered, message, null);
  }

  /** Creates a cancellation with the cause that led to it. */
  public CallCancelledException(Delivered delivered, String message, @Nullable Throwable cause) {
    super(StatusCode.CANCELLED, delivered, message, cause);
  }
}
