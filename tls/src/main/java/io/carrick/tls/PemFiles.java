package io.carrick.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM (RFC 7468). */
final class PemFiles {

  /** More is no file of certificates or keys: 1 MiB. */
  static final long MAX_BYTES = 1 << 20;

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----");

  // The algorithms that TLS 1.3 signs with (RFC 8446, section 4.2.3).
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

  private PemFiles() {}

  /** All certificates of a file, at least one. */
  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    byte[] bytes = read(file);
    List<X509Certificate> found = new ArrayList<>();
    for (Certificate each :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(bytes))) {
      found.add((X509Certificate) each);
    }
    if (found.isEmpty()) {
      throw new GeneralSecurityException(
          "it holds no certificate: PEM begins with BEGIN CERTIFICATE");
    }
    return found;
  }

  /** The private key of a file. */
  static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String text = new String(read(file), StandardCharsets.ISO_8859_1);
    Matcher matcher = KEY.matcher(text);
    if (!matcher.find()) {
      Matcher other = OTHER_KEY.matcher(text);
      throw new GeneralSecurityException(
          (other.find() ? "it holds a " + other.group(1) : "it holds no private key")
              + ": PKCS #8 without a password is needed, as openssl pkcs8 -topk8 -nocrypt makes it");
    }
    PKCS8EncodedKeySpec spec =
        new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException notThisOne) {
        // The next algorithm, then.
      }
    }
    throw new GeneralSecurityException("its key is none of " + ALGORITHMS);
  }

  private static byte[] read(Path file) throws IOException, GeneralSecurityException {
    if (Files.size(file) > MAX_BYTES) {
      throw new GeneralSecurityException("it has more than " + MAX_BYTES + " bytes");
    }
    return Files.readAllBytes(file);
  }
}
