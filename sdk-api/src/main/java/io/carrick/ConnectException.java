package io.carrick;

import org.jspecify.annotations.Nullable;

/** Nobody answered at an endpoint, or what answered refused the session; nothing was delivered. */
public final class ConnectException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** Creates a failure to connect; the message names the endpoint and the remedy. */
  public ConnectException(String message, @Nullable Throwable cause) {
    super(StatusCode.UNAVAILABLE, Delivered.NO, message, cause);
  }

  /** Creates a refusal with a code of its own, for instance FAILED_PRECONDITION for a version. */
  public ConnectException(StatusCode code, String message, @Nullable Throwable cause) {
    super(code, Delivered.NO, message, cause);
  }

  @Override
  public boolean retrySafe() {
    return code() == StatusCode.UNAVAILABLE || code() == StatusCode.RESOURCE_EXHAUSTED;
  }
}
