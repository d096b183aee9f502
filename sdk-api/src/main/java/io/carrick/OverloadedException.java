package io.carrick;

import org.jspecify.annotations.Nullable;

/** A limit was reached, here or at the peer: a queue, a buffer, a handler, a message size. */
public final class OverloadedException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** Creates a refusal with RESOURCE_EXHAUSTED; the message names the limit and how to raise it. */
  public OverloadedException(Delivered delivered, String message) {
    super(StatusCode.RESOURCE_EXHAUSTED, delivered, message, null);
  }

  /** Creates a refusal with the cause that led to it. */
  public OverloadedException(Delivered delivered, String message, @Nullable Throwable cause) {
    super(StatusCode.RESOURCE_EXHAUSTED, delivered, message, cause);
  }
}
