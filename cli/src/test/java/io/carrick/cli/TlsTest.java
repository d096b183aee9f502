package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.cli.Processes.Result;
import io.carrick.cli.Processes.Running;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of the command, and a service that requires them, in processes of their own. */
final class TlsTest {

  @TempDir static Path directory;

  private static Processes processes;
  private static Running serving;
  private static String secure;
  private static String plain;

  @BeforeAll
  static void startTheService() throws Exception {
    processes = new Processes(directory);
    assertThat(cert("orders", "--for", "localhost,127.0.0.1").exitCode()).isZero();
    assertThat(cert("alice", "--for", "spiffe://demo/alice").exitCode()).isZero();
    serving =
        processes.start(
            new byte[0],
            Stream.concat(
                    Stream.of(
                        "serve",
                        "--listen",
                        "grpcs://127.0.0.1:0",
                        "--listen",
                        "grpc://127.0.0.1:0",
                        "--require",
                        "mutual"),
                    identity("orders"))
                .toArray(String[]::new));
    serving.awaitLine("ready");
    secure = listening("grpcs://");
    plain = listening("grpc://");
  }

  @AfterAll
  static void stopTheService() throws Exception {
    Result result = serving.stop();
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).doesNotContain("Exception");
  }

  @Test
  void whoHasACertificateIsServed() throws Exception {
    assertThat(request(secure, identity("alice"))).isEqualTo(new Result(0, "hello\n", ""));
  }

  @Test
  void theNeedForMutualSecurityFindsThePathThatGivesIt() throws Exception {
    Result result =
        request(
            plain + "," + secure, Stream.concat(identity("alice"), Stream.of("--security=mutual")));

    assertThat(result).isEqualTo(new Result(0, "hello\n", ""));
  }

  @Test
  void theNeedForMutualSecurityIsRefusedWithReasonsWhereNoPathGivesIt() throws Exception {
    Result result =
        request(plain, Stream.concat(identity("alice"), Stream.of("--security=mutual")));

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err()).contains("security NONE is below the MUTUAL needed");
  }

  @Test
  void withoutAnIdentityNoPathGivesMutualSecurity() throws Exception {
    Result result = request(secure, Stream.of("--tls-ca", file("ca.pem"), "--security", "mutual"));

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err())
        .contains("SERVER_AUTHENTICATED is below the MUTUAL needed", "--tls-cert");
  }

  @Test
  void whoHasNoCertificateIsToldSo() throws Exception {
    Result result = request(secure, Stream.of("--tls-ca", file("ca.pem")));

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err()).contains("does it want a certificate from this side");
  }

  @Test
  void aPathBelowWhatTheServiceRequiresIsRefused() throws Exception {
    Result result = request(plain, Stream.empty());

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err()).contains("MUTUAL is required");
  }

  @Test
  void whomItDoesNotTrustIsNotCalled() throws Exception {
    Result result = request(secure, Stream.empty());

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err()).contains("no authority that is trusted here");
  }

  @Test
  void aCertificateSaysItsNameAndWhatElseItIsFor() throws Exception {
    assertThat(cert("bob").out()).contains("bob.pem for bob\n");

    assertThat(names("bob.pem")).containsExactly("bob");
    assertThat(names("orders.pem")).containsExactly("orders", "localhost", "127.0.0.1");
    assertThat(names("alice.pem")).containsExactly("alice", "spiffe://demo/alice");
  }

  private static List<String> names(String file) throws Exception {
    try (InputStream in = Files.newInputStream(directory.resolve(file))) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return certificate.getSubjectAlternativeNames().stream()
          .map(name -> name.get(1).toString())
          .toList();
    }
  }

  @Test
  void keysAreForTheirOwnerOnly() throws Exception {
    assertThat(Files.getPosixFilePermissions(directory.resolve("orders-key.pem")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void mistakesAreNamed() throws Exception {
    assertThat(cert("../x").err()).contains("name \"../x\" must match");
    assertThat(cert("ca").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(cert("x", "--valid", "9000h").err()).contains("'--valid': 9000h must be");
    assertThat(request(secure, Stream.of("--tls-cert", file("ca.pem"))).err())
        .contains("--tls-cert is there without --tls-key");
    assertThat(request(secure, Stream.of("--tls-ca", file("none.pem"))).err())
        .contains("there is no file");
    Result listening =
        processes.run("serve", "--listen", "grpcs://127.0.0.1:0", "--require", "mutual");
    assertThat(listening.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(listening.err()).contains("--tls-ca");
  }

  private static Result cert(String name, String... more) throws Exception {
    return processes.run(
        Stream.concat(Stream.of("cert", name, "--dir", directory.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  private static Result request(String endpoints, Stream<String> options) throws Exception {
    return processes.run(
        Stream.concat(
                Stream.of(
                    "request", "--connect", endpoints, "--timeout=10s", "carrick/echo", "hello"),
                options)
            .toArray(String[]::new));
  }

  private static Stream<String> identity(String name) {
    return Stream.of(
        "--tls-cert",
        file(name + ".pem"),
        "--tls-key",
        file(name + "-key.pem"),
        "--tls-ca",
        file("ca.pem"));
  }

  private static String file(String name) {
    return directory.resolve(name).toString();
  }

  private static String listening(String scheme) throws Exception {
    return Files.readAllLines(serving.out()).stream()
        .filter(line -> line.startsWith("listening " + scheme))
        .map(line -> line.substring("listening ".length()))
        .findFirst()
        .orElseThrow();
  }
}
