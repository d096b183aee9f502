package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Messenger;
import io.carrick.PeerLimits;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import io.carrick.testkit.Await;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What does not get better by trying again is told at once, with its own code. */
@Timeout(60)
final class RefusedForGoodTest {

  @TempDir Path directory;

  private static Messenger serve(Messenger.Builder builder, String endpoint) {
    Messenger server = builder.listen(endpoint).build();
    server.handle("echo", String.class, text -> text);
    server.handleAsync("never", String.class, (text, call) -> new CompletableFuture<String>());
    return server;
  }

  private static void assertForGood(Remote remote, StatusCode code) {
    ConnectException failure =
        Failures.in(remote.request("echo", "x", String.class), ConnectException.class);
    Failures.check(failure, code, Delivered.NO);
    assertThat(failure.retrySafe()).isFalse();
    assertThat(failure.getCause()).isInstanceOf(EndpointException.class);
  }

  /** Of an authority that nobody trusts. */
  private TlsConfig stranger() throws Exception {
    CertificateAuthority.create("strangers")
        .issue(CertificateOrder.of("stranger", List.of("127.0.0.1"), Duration.ofDays(1)))
        .write(directory, "stranger");
    return TlsConfig.builder()
        .identity(
            PemPair.certificateFile(directory, "stranger"), PemPair.keyFile(directory, "stranger"))
        .build();
  }

  @Test
  void aCertificateThatIsNotBelievedAlsoWhereOneWasBefore() throws Exception {
    String endpoint = TestTransport.GRPCS.endpoint(directory);
    try (Messenger client = TestTls.messenger("client").build()) {
      Remote remote;
      try (Messenger server = serve(TestTls.messenger("server"), endpoint)) {
        remote = client.connect(endpoint);
        assertThat(Await.result(remote.request("echo", "x", String.class))).isEqualTo("x");
      }
      Await.until("the loss is noticed", () -> remote.instance().isEmpty());
      try (Messenger other = serve(Messenger.builder("server").tls(stranger()), endpoint)) {
        assertForGood(remote, StatusCode.UNAUTHENTICATED);
        assertForGood(client.connect(endpoint), StatusCode.UNAUTHENTICATED);
      }
    }
  }

  @Test
  void aServerOfSomethingElse() throws Exception {
    Server other =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()).build().start();
    try (Messenger client = Messenger.builder("client").build()) {
      assertForGood(
          client.connect("grpc://127.0.0.1:" + other.getPort()), StatusCode.UNIMPLEMENTED);
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void aSessionThatEndedForANewcomerSaysSo() {
    PeerLimits one = new PeerLimits(1_024, 16 << 10, 1_024, 1, 1, 100, Duration.ofSeconds(10));
    try (Messenger server =
            serve(Messenger.builder("server").peerLimits(one), "grpc://127.0.0.1:0");
        Messenger first = Messenger.builder("first").build();
        Messenger second = Messenger.builder("second").build()) {
      String endpoint = server.endpoints().get(0);
      CompletableFuture<String> never = first.connect(endpoint).request("never", "x", String.class);
      Await.until("it is there", () -> server.peers().size() == 1);

      Await.result(second.connect(endpoint).connect());

      Failures.check(
          Failures.in(never, SessionLostException.class),
          StatusCode.RESOURCE_EXHAUSTED,
          Delivered.MAYBE);
    }
  }
}
