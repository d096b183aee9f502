package io.carrick.transport.unix;

import java.io.IOException;

/** The peer sent what is no frame of this transport. */
final class FramingException extends IOException {

  private static final long serialVersionUID = 1L;

  FramingException(String message) {
    super(message);
  }
}
