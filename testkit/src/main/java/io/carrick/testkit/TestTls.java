package io.carrick.testkit;

import io.carrick.TlsConfig;
import io.carrick.TlsConfig.ClientAuthentication;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An authority in a directory, and what it has signed, for an hour each. */
public final class TestTls {

  final Path directory;

  /** Who signs. */
  public final CertificateAuthority authority;

  /** One of its own, whose certificate is written into the directory. */
  public TestTls(Path directory) {
    this.directory = directory;
    authority = CertificateAuthority.create("test authority");
    authority.own().write(directory, CertificateAuthority.NAME);
  }

  /** The certificate of the authority. */
  public Path trust() {
    return PemPair.certificateFile(directory, CertificateAuthority.NAME);
  }

  /** Signs a certificate and writes it. */
  public void issue(String name, String... alternativeNames) {
    CertificateOrder order =
        CertificateOrder.of(name, List.of(alternativeNames), Duration.ofHours(1));
    authority.issue(order).write(directory, name);
  }

  /** Somebody with a certificate of this name, who believes the authority. */
  public TlsConfig.Builder as(String name) {
    return nobody()
        .identity(PemPair.certificateFile(directory, name), PemPair.keyFile(directory, name));
  }

  /** Somebody without a certificate, who believes the authority. */
  public TlsConfig.Builder nobody() {
    return TlsConfig.builder().trust(trust());
  }

  /** Both sides of a mutual connection on 127.0.0.1. */
  public TlsConfig mutual() {
    issue("both", "localhost", "127.0.0.1");
    return as("both").clientAuthentication(ClientAuthentication.REQUIRED).build();
  }
}
