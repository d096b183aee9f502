package io.carrick.core.frame;

import java.util.List;

/**
 * The first frame of a new session, from the side that dialled. Arrays are not copied: nobody may
 * change them.
 *
 * @param resumeMillis how long the dialler tries to resume the session; 0: it does not say
 */
public record Hello(
    long minVersion,
    long maxVersion,
    byte[] instance,
    String service,
    String expectedService,
    byte[] nonce,
    byte[] keyShare,
    ReceiveLimits limits,
    List<String> contentTypes,
    List<String> encodings,
    long floor,
    String token,
    long resumeMillis) {
  /** Names the service only: the rest is secret, or long. */
  @Override
  public String toString() {
    return "Hello[service=" + service + "]";
  }
}
