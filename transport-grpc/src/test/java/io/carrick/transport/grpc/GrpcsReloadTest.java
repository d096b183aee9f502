package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.TlsConfig;
import io.carrick.TlsConfig.ClientAuthentication;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import io.carrick.spi.Connection;
import io.carrick.spi.Transport;
import io.carrick.testkit.Await;
import io.carrick.testkit.TestTls;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that change while the service runs. */
@Timeout(60)
final class GrpcsReloadTest {

  @TempDir Path directory;

  private TestTls tls;

  @BeforeEach
  void issue() {
    tls = new TestTls(directory);
    tls.issue("service", "first.example", "127.0.0.1");
    tls.issue("client", "client.example");
  }

  @Test
  void aNewCertificateIsShownToNewConnectionsAndOldOnesGoOn() {
    try (Grpc grpc = new Grpc("grpcs://127.0.0.1:0", tls.as("service").build());
        Transport client = Grpc.transportWith(tls.nobody().build())) {
      Connection before = open(grpc, client);
      assertThat(before.peer().principal().name()).isEqualTo("first.example");

      tls.issue("service", "second.example", "127.0.0.1");

      Await.until(
          "the new certificate",
          () -> open(grpc, client).peer().principal().name().equals("second.example"));
      before.receive(grpc.received);
      assertThat(grpc.roundTrip(before)).isPositive();
    }
  }

  @Test
  void aFileThatIsHalfWrittenLeavesTheOldCertificateInUse() throws IOException {
    try (Grpc grpc = new Grpc("grpcs://127.0.0.1:0", tls.as("service").build());
        Transport client = Grpc.transportWith(tls.nobody().build())) {
      Path file = PemPair.certificateFile(directory, "service");
      Files.writeString(file, "-----BEGIN CERTIFICATE-----\nMIIB");
      long end = System.nanoTime() + Duration.ofMillis(1_500).toNanos();
      while (System.nanoTime() < end) {
        assertThat(open(grpc, client).peer().principal().name()).isEqualTo("first.example");
      }

      tls.issue("service", "second.example", "127.0.0.1");

      Await.until(
          "the new certificate",
          () -> open(grpc, client).peer().principal().name().equals("second.example"));
    }
  }

  @Test
  void anAuthorityThatIsNoLongerTrustedLetsNobodyIn() {
    TlsConfig mutual =
        tls.as("service").clientAuthentication(ClientAuthentication.REQUIRED).build();
    Path own = directory.resolve("client-side");
    try (Grpc grpc = new Grpc("grpcs://127.0.0.1:0", mutual);
        Transport client =
            Grpc.transportWith(
                TlsConfig.builder()
                    .identity(
                        PemPair.certificateFile(directory, "client"),
                        PemPair.keyFile(directory, "client"))
                    .trust(copy(tls.trust(), own))
                    .build())) {
      assertThat(open(grpc, client)).isNotNull();

      CertificateAuthority.create("another").own().write(directory, CertificateAuthority.NAME);

      Await.until("a refusal", () -> isRefused(grpc, client));
    }
  }

  @Test
  void keyStoresServeAsWell() throws Exception {
    PemPair pair =
        tls.authority.issue(
            CertificateOrder.of("stored", List.of("127.0.0.1"), Duration.ofHours(1)));
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        "own", pair.key(), "secret".toCharArray(), new X509Certificate[] {pair.certificate()});
    keys.setCertificateEntry("authority", tls.authority.own().certificate());
    Path store = directory.resolve("store.p12");
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, "secret".toCharArray());
    }
    TlsConfig config =
        TlsConfig.builder()
            .identityStore(store, "secret")
            .trustStore(store, "secret")
            .clientAuthentication(ClientAuthentication.REQUIRED)
            .build();

    try (Grpc grpc = new Grpc("grpcs://127.0.0.1:0", config)) {
      assertThat(grpc.connect().peer().principal().name()).isEqualTo("CN=stored");
    }
    assertThat(config.toString()).contains("store.p12").doesNotContain("secret");
  }

  private static Path copy(Path from, Path to) {
    try {
      return Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isRefused(Grpc grpc, Transport client) {
    try {
      client.connect(grpc.listener.endpoint()).toCompletableFuture().join();
      return false;
    } catch (CompletionException e) {
      assertThat(e).hasMessageContaining("refused the TLS handshake");
      return true;
    }
  }

  private static Connection open(Grpc grpc, Transport client) {
    return Await.result(client.connect(grpc.listener.endpoint()));
  }
}
