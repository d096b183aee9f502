package io.carrick.cli;

import io.carrick.TlsConfig;
import io.carrick.TlsConfig.ClientAuthentication;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of every command that may use TLS. */
final class TlsOptions {

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "The own certificate for TLS, in PEM; see the command cert.")
  Optional<Path> certificate = Optional.empty();

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key, in PEM (PKCS #8).")
  Optional<Path> key = Optional.empty();

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = "The authorities to believe, in PEM; default: those of the JVM.")
  Optional<Path> authorities = Optional.empty();

  /** What the options say; a service asks its clients for certificates as told. */
  TlsConfig config(ClientAuthentication clients) {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          (key.isPresent() ? "--tls-key" : "--tls-cert")
              + " is there without "
              + (key.isPresent() ? "--tls-cert" : "--tls-key")
              + ": give both");
    }
    TlsConfig.Builder builder = TlsConfig.builder().clientAuthentication(clients);
    authorities.ifPresent(builder::trust);
    if (certificate.isPresent()) {
      builder.identity(certificate.get(), key.orElseThrow());
    }
    return builder.build();
  }
}
