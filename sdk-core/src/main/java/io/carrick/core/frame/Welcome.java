package io.carrick.core.frame;

import java.util.List;

/** The answer to HELLO that opens the session. Arrays are not copied: nobody may change them. */
public record Welcome(
    long version,
    byte[] instance,
    String service,
    byte[] session,
    byte[] nonce,
    byte[] keyShare,
    ReceiveLimits limits,
    List<String> contentTypes,
    List<String> encodings,
    long floor,
    List<String> endpoints,
    byte[] mac,
    byte[] host,
    long redialMillis,
    boolean identityRequired) {

  /** Names the service only: the rest is secret, or long. */
  @Override
  public String toString() {
    return "Welcome[service=" + service + "]";
  }
}
