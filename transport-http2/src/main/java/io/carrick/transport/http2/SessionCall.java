package io.carrick.transport.http2;

/**
 * The call that carries a session: a POST whose two bodies are each the records of one endless
 * {@code Packet} of wire.proto.
 */
final class SessionCall {

  static final String PATH = "/v1/session";
  static final String CONTENT_TYPE = "application/vnd.carrick.packets";

  private SessionCall() {}
}
