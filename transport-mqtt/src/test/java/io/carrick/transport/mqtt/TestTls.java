package io.carrick.transport.mqtt;

import io.carrick.TlsConfig;
import io.carrick.TlsConfig.ClientAuthentication;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An authority in a directory, and what it has signed. */
final class TestTls {

  final Path directory;
  final CertificateAuthority authority;

  TestTls(Path directory) {
    this.directory = directory;
    authority = CertificateAuthority.create("test authority");
    authority.own().write(directory, CertificateAuthority.NAME);
  }

  Path trust() {
    return PemPair.certificateFile(directory, CertificateAuthority.NAME);
  }

  /** Signs a certificate and writes it. */
  void issue(String name, String... alternativeNames) {
    CertificateOrder order =
        CertificateOrder.of(name, List.of(alternativeNames), Duration.ofHours(1));
    authority.issue(order).write(directory, name);
  }

  /** Somebody with a certificate of this name, who believes the authority. */
  TlsConfig.Builder as(String name) {
    return nobody()
        .identity(PemPair.certificateFile(directory, name), PemPair.keyFile(directory, name));
  }

  /** Somebody without a certificate, who believes the authority. */
  TlsConfig.Builder nobody() {
    return TlsConfig.builder().trust(trust());
  }

  /** Both sides of a mutual connection on 127.0.0.1. */
  TlsConfig mutual() {
    issue("both", "localhost", "127.0.0.1");
    return as("both").clientAuthentication(ClientAuthentication.REQUIRED).build();
  }
}
