package io.carrick.tls;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.PeerInfo;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who is at the other end of a TLS connection. */
public final class TlsPeers {

  /** The kind of principals that certificates prove. */
  public static final String KIND = "tls";

  private static final Pattern DNS = Pattern.compile("[a-z0-9]([a-z0-9_.-]{0,253}[a-z0-9])?");
  // Of the SPIFFE ID specification, section 2: trust domain and path.
  private static final Pattern SPIFFE = Pattern.compile("spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*");
  private static final int MAX_SPIFFE = 2_048; // The same, section 2.3.

  private TlsPeers() {}

  /**
   * What a finished handshake proved.
   *
   * @param address for people and logs
   */
  public static PeerInfo of(String address, SSLSession session) {
    Principal principal = Principal.NONE;
    boolean mutual;
    try {
      principal = principal(session.getPeerCertificates());
      mutual = session.getLocalCertificates() != null;
    } catch (SSLPeerUnverifiedException none) {
      mutual = false;
    }
    return PeerInfo.of(address)
        .withPrincipal(principal)
        .withSecurity(mutual ? SecurityLevel.MUTUAL : SecurityLevel.SERVER_AUTHENTICATED);
  }

  private static Principal principal(Certificate[] chain) {
    return chain.length > 0 && chain[0] instanceof X509Certificate own
        ? principal(own)
        : Principal.NONE;
  }

  /**
   * The identity in a certificate: its SPIFFE id, if it has exactly one URI and that is one; else
   * its first DNS name that is no wildcard, in lower case; else its subject (RFC 2253). One without
   * any subject alternative name names nobody; {@link TlsTrust} refuses it.
   */
  public static Principal principal(X509Certificate certificate) {
    if (!TlsNames.any(certificate)) {
      return Principal.NONE;
    }
    List<String> uris = TlsNames.of(certificate, TlsNames.URI);
    if (uris.size() == 1
        && uris.get(0).length() <= MAX_SPIFFE
        && SPIFFE.matcher(uris.get(0)).matches()) {
      return new Principal(KIND, uris.get(0));
    }
    return new Principal(
        KIND,
        TlsNames.of(certificate, TlsNames.DNS).stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .filter(name -> DNS.matcher(name).matches())
            .findFirst()
            .orElseGet(() -> certificate.getSubjectX500Principal().getName()));
  }
}
