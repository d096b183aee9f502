package io.carrick.tls;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What went wrong in a handshake, in words that tell what to do. */
public final class TlsFailures {

  private static final int MAX_CAUSES = 16;

  private TlsFailures() {}

  /**
   * Why TLS failed, and the remedy.
   *
   * @param failure of the connection, with its causes
   * @return null if TLS was not the reason
   */
  public static @Nullable String describe(@Nullable Throwable failure) {
    SSLException tls = find(failure, SSLException.class);
    if (tls == null) {
      return null;
    }
    if (find(failure, CertificateExpiredException.class) != null) {
      return "its certificate has expired ("
          + textOf(find(failure, CertificateExpiredException.class))
          + "); renew it there";
    }
    if (find(failure, CertificateNotYetValidException.class) != null) {
      return "its certificate is not valid yet ("
          + textOf(find(failure, CertificateNotYetValidException.class))
          + "); check the clocks of both sides";
    }
    String text = textOf(tls);
    if (text.contains("PKIX path") || find(failure, CertPathValidatorException.class) != null) {
      return "its certificate is signed by no authority that is trusted here ("
          + text
          + "); trust its authority, or connect to another service";
    }
    CertificateException nameless = find(failure, TlsNames.NamelessException.class);
    if (nameless != null) {
      return "its certificate names nobody ("
          + textOf(nameless)
          + "); issue it again with its host as a subject alternative name";
    }
    CertificateException certificate = find(failure, CertificateException.class);
    if (certificate != null && textOf(certificate).contains("name")) {
      return "its certificate is for another name ("
          + textOf(certificate)
          + "); use a host that it names, or set serverName";
    }
    if (text.contains("not an SSL/TLS record")
        || text.contains("Unsupported or unrecognized SSL message")) {
      return "it does not speak TLS; use the scheme without TLS, or another port";
    }
    if (text.contains("Received fatal alert")) {
      return "it refused the TLS handshake ("
          + text
          + "); does it want a certificate from this side, and does it trust the authority of"
          + " ours?";
    }
    return "the TLS handshake failed (" + text + ")";
  }

  private static String textOf(@Nullable Throwable failure) {
    return failure == null ? "" : String.valueOf(failure.getMessage());
  }

  private static <T extends Throwable> @Nullable T find(
      @Nullable Throwable failure, Class<T> type) {
    Throwable each = failure;
    for (int i = 0; each != null && i < MAX_CAUSES; i++) {
      if (type.isInstance(each)) {
        return type.cast(each);
      }
      each = each.getCause();
    }
    return null;
  }
}
