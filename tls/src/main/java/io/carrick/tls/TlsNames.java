package io.carrick.tls;

import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The subject alternative names of certificates (RFC 5280, section 4.2.1.6). Where there are none
 * the JDK takes the common name for the name of a host, which RFC 9525 (section 2) forbids.
 */
final class TlsNames {

  static final int DNS = 2;
  static final int URI = 6;

  // No name of a host ends in a number (RFC 1123, section 2.1).
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

  /** A certificate that says not whom it is for. */
  static final class NamelessException extends CertificateException {

    private static final long serialVersionUID = 1L;

    NamelessException(String message) {
      super(message);
    }
  }

  private TlsNames() {}

  /** The names of a kind, in their order. */
  static List<String> of(X509Certificate certificate, int kind) {
    List<String> found = new ArrayList<>();
    for (List<?> each : all(certificate)) {
      if (each.get(0).equals(kind) && each.get(1) instanceof String name) {
        found.add(name);
      }
    }
    return found;
  }

  /** Whether it names anybody. */
  static boolean any(X509Certificate certificate) {
    return !all(certificate).isEmpty();
  }

  /** Refuses a certificate that names nobody. */
  static void require(X509Certificate certificate) throws CertificateException {
    if (!any(certificate)) {
      throw new NamelessException(
          certificate.getSubjectX500Principal()
              + " has no subject alternative name, and a common name does not count, RFC 9525");
    }
  }

  /** Refuses as well one whose common name alone could be the name of the host. */
  static void requireFor(X509Certificate certificate, @Nullable SSLSession session)
      throws CertificateException {
    require(certificate);
    String host = session == null ? null : session.getPeerHost();
    boolean named = host != null && !ADDRESS.matcher(host).matches();
    if (named && of(certificate, DNS).isEmpty()) {
      throw new NamelessException(
          certificate.getSubjectX500Principal()
              + " has no DNS name among its subject alternative names, and a common name does not"
              + " count, RFC 9525");
    }
  }

  private static Collection<List<?>> all(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null ? List.of() : all;
    } catch (CertificateParsingException malformed) {
      return List.of();
    }
  }
}
