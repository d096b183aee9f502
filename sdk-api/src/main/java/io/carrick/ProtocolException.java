package io.carrick;

import org.jspecify.annotations.Nullable;

/** The peer broke the rules of the wire; the connection is closed. */
public final class ProtocolException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** Creates a violation; the message names the rule and what was received. */
  public ProtocolException(Delivered delivered, String message, @Nullable Throwable cause) {
    super(StatusCode.INTERNAL, delivered, message, cause);
  }

  @Override
  public boolean retrySafe() {
    return false;
  }
}
