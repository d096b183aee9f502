package io.carrick;

import org.jspecify.annotations.Nullable;

/** An endpoint cannot be used: a bad URI, an unknown scheme, an address in use, a foreign file. */
public final class EndpointException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** Creates a refusal of an endpoint; the message names the URI and the remedy. */
  public EndpointException(StatusCode code, String message, @Nullable Throwable cause) {
    super(code, Delivered.NO, message, cause);
  }

  /** Never: the same endpoint fails in the same way until somebody acts. */
  @Override
  public boolean retrySafe() {
    return false;
  }
}
