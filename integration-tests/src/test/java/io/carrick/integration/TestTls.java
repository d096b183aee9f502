package io.carrick.integration;

import io.carrick.Messenger;
import io.carrick.TlsConfig;
import io.carrick.TlsConfig.ClientAuthentication;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Certificates of the messengers of a test: both sides are the same. */
final class TestTls {

  /** Both sides show a certificate and demand one. */
  static final TlsConfig MUTUAL = mutual();

  private TestTls() {}

  /** A messenger that may use TLS. */
  static Messenger.Builder messenger(String name) {
    return Messenger.builder(name).tls(MUTUAL);
  }

  private static TlsConfig mutual() {
    try {
      Path directory = Files.createTempDirectory("carrick-tls");
      CertificateAuthority authority = CertificateAuthority.create("tests");
      authority.own().write(directory, CertificateAuthority.NAME);
      authority
          .issue(CertificateOrder.of("both", List.of("localhost", "127.0.0.1"), Duration.ofDays(1)))
          .write(directory, "both");
      try (var files = Files.list(directory)) {
        files.forEach(file -> file.toFile().deleteOnExit());
      }
      return TlsConfig.builder()
          .identity(PemPair.certificateFile(directory, "both"), PemPair.keyFile(directory, "both"))
          .trust(PemPair.certificateFile(directory, CertificateAuthority.NAME))
          .clientAuthentication(ClientAuthentication.REQUIRED)
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException("no certificates", e);
    }
  }
}
