package io.carrick.core.frame;

/**
 * The wish to go on with a session over a new connection. Arrays are not copied: nobody may change
 * them.
 */
public record Resume(
    byte[] session,
    byte[] clientInstance,
    byte[] serverInstance,
    long epoch,
    byte[] nonce,
    String pathKind,
    long cum) {
  @Override
  public String toString() {
    return "Resume[epoch=" + epoch + "]";
  }
}
