package io.carrick.core.frame;

/** Bytes that are no frame, or one beyond the limits of docs/wire-format.md. */
public final class MalformedFrameException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Says what is wrong with the frame. */
  public MalformedFrameException(String message) {
    super(message);
  }
}
