package io.carrick.certificates;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a certificate shall say.
 *
 * @param commonName for people
 * @param alternativeNames DNS names, IP addresses, and URIs such as {@code spiffe://…}; the subject
 *     alternative names (RFC 5280, section 4.2.1.6)
 * @param notBefore when it begins to be valid
 * @param notAfter when it ends
 */
public record CertificateOrder(
    String commonName, List<String> alternativeNames, Instant notBefore, Instant notAfter) {

  /** Before the clocks of others that are a little late. */
  private static final Duration GRACE = Duration.ofMinutes(5);

  /** Keeps a copy of the names. */
  public CertificateOrder {
    alternativeNames = List.copyOf(alternativeNames);
  }

  /** From now on for a time. */
  public static CertificateOrder of(
      String commonName, List<String> alternativeNames, Duration validity) {
    Instant now = Instant.now();
    return new CertificateOrder(commonName, alternativeNames, now.minus(GRACE), now.plus(validity));
  }
}
