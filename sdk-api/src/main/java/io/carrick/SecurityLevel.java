package io.carrick;

/**
 * How well a path is protected, weakest first. The order of the constants is the order of levels.
 */
public enum SecurityLevel {
  /** Anybody on the path can read and change what passes. */
  NONE,
  /** Nobody on the path can read or change it; neither side knows the other. */
  ENCRYPTED,
  /** Encrypted, and the client has verified who serves. */
  SERVER_AUTHENTICATED,
  /** Both sides have verified each other; a kernel socket with peer credentials counts as this. */
  MUTUAL
}
