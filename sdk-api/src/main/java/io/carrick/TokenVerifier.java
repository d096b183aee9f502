package io.carrick;

/**
 * Decides whose a bearer token is. A node with one asks it for each session and each plain call
 * that comes in, and again when a peer renews its token. Called on the thread that reads the
 * connection, by many threads at once: a check of a signature is fine, a call over the network is
 * not.
 */
@FunctionalInterface
public interface TokenVerifier {

  /** The longest token that anybody sends or looks at: 8,192 bytes (RFC 8725 sets none). */
  int MAX_TOKEN_BYTES = 8_192;

  /**
   * Checks a token.
   *
   * @param token as it came, 1 to {@value #MAX_TOKEN_BYTES} bytes; must not be logged
   * @throws TokenException if it is not to be trusted; what else is thrown refuses it as well
   */
  VerifiedToken verify(String token) throws TokenException;
}
