package io.carrick.transport.grpc;

/** A peer sent what is no Packet; the message says what, for people. */
final class ProtocolException extends Exception {

  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
