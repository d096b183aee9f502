package io.carrick.core.session.state;

/** The peer broke a rule of the session; the session ends. */
public final class ViolationException extends Exception {

  private static final long serialVersionUID = 1L;

  ViolationException(String message) {
    super(message);
  }
}
