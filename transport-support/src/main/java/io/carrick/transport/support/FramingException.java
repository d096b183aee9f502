package io.carrick.transport.support;

import java.io.IOException;

/** A peer sent what is no frame; the message says what, for people. */
public final class FramingException extends IOException {

  private static final long serialVersionUID = 1L;

  /** Made by what finds frames. */
  public FramingException(String message) {
    super(message);
  }
}
