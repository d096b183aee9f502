package io.carrick.core.frame;

/** The answer to RESUME. Arrays are not copied: nobody may change them. */
public record Challenge(byte[] nonce, byte[] pathNonce) {
  @Override
  public String toString() {
    return "Challenge[]";
  }
}
