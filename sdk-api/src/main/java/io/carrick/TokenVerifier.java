package io.carrick;

import java.util.Objects;

/**
 * Decides whose a bearer token is. A node with one asks it for each session and each plain call
 * that comes in, and again when a peer renews its token. Called by many threads at once, and may
 * take its time, as to ask another service: no thread that reads connections runs it, unless it is
 * {@link #nonBlocking}. Nothing is delivered before it has answered. A session waits for it as long
 * as for the rest of its handshake, 5 s at most. So many tokens are verified at a time as {@value
 * #MAX_RUNNING} in a messenger and {@value #MAX_WAITING} more wait; who comes then is refused with
 * RESOURCE_EXHAUSTED.
 */
@FunctionalInterface
public interface TokenVerifier {

  /** The longest token that anybody sends or looks at: 8,192 bytes (RFC 8725 sets none). */
  int MAX_TOKEN_BYTES = 8_192;

  /** How many tokens a messenger verifies at a time, where that may block. */
  int MAX_RUNNING = 128;

  /** How many more wait for that. */
  int MAX_WAITING = 1_024;

  /**
   * Checks a token.
   *
   * @param token as it came, 1 to {@value #MAX_TOKEN_BYTES} bytes; must not be logged
   * @throws TokenException if it is not to be trusted; what else is thrown refuses it as well
   */
  VerifiedToken verify(String token) throws TokenException;

  /**
   * Whether it never waits: not for a lock that is held for long, nor for a network. To check a
   * signature is fine. Then it is asked in place, on the thread that reads the connection.
   */
  default boolean isNonBlocking() {
    return false;
  }

  /** The same, marked as one that never waits. */
  static TokenVerifier nonBlocking(TokenVerifier verifier) {
    Objects.requireNonNull(verifier, "verifier");
    return new TokenVerifier() {
      @Override
      public VerifiedToken verify(String token) throws TokenException {
        return verifier.verify(token);
      }

      @Override
      public boolean isNonBlocking() {
        return true;
      }
    };
  }
}
