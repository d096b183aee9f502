package io.carrick;

import org.jspecify.annotations.Nullable;

/** A limit was reached, here or at the peer: a queue, a buffer, a handler, a message size. */
public final class OverloadedException extends MessagingException {

  private static final long serialVersionUID = 1L;

  private final boolean tooLarge;

  /** Creates a refusal with RESOURCE_EXHAUSTED; the message names the limit and how to raise it. */
  public OverloadedException(Delivered delivered, String message) {
    this(delivered, message, null);
  }

  /** Creates a refusal with the cause that led to it. */
  public OverloadedException(Delivered delivered, String message, @Nullable Throwable cause) {
    this(delivered, message, cause, false);
  }

  private OverloadedException(
      Delivered delivered, String message, @Nullable Throwable cause, boolean tooLarge) {
    super(StatusCode.RESOURCE_EXHAUSTED, delivered, message, cause);
    this.tooLarge = tooLarge;
  }

  /** Creates the refusal of a message that is too large, which it is whenever it is sent. */
  public static OverloadedException tooLarge(Delivered delivered, String message) {
    return new OverloadedException(delivered, message, null, true);
  }

  /** As elsewhere, but not for a message that is too large: the limit must change first. */
  @Override
  public boolean retrySafe() {
    return super.retrySafe() && !tooLarge;
  }
}
