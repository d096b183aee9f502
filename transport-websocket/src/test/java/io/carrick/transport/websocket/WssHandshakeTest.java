package io.carrick.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Transport;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.tls.TlsTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom TLS lets in, and what the others are told; those inside do not notice. */
@Timeout(60)
final class WssHandshakeTest {

  @TempDir Path directory;

  private TestTls tls;
  private Echo echo;
  private Connection beside;

  @BeforeEach
  void open() {
    tls = new TestTls(directory);
    echo = new Echo("wss://127.0.0.1:0", tls.mutual());
    beside = echo.connect();
  }

  @AfterEach
  void othersGoOn() {
    assertThat(echo.roundTrip(beside)).isPositive();
    echo.close();
  }

  @Test
  void bothSidesKnowEachOther() {
    assertThat(beside.peer().principal()).isEqualTo(new Principal("tls", "localhost"));
    assertThat(beside.peer().security()).isEqualTo(SecurityLevel.MUTUAL);
  }

  @Test
  void aClientWithoutACertificateIsNobodyWhereNoneIsAsked() {
    try (Echo open = new Echo("wss://127.0.0.1:0", tls.as("both").build());
        Transport nobody = Echo.transportWith(tls.nobody().build())) {
      Connection connection = Await.result(nobody.connect(open.listener.endpoint()));

      assertThat(connection.peer().security()).isEqualTo(SecurityLevel.SERVER_AUTHENTICATED);
      assertThat(connection.peer().principal()).isEqualTo(new Principal("tls", "localhost"));
    }
  }

  @Test
  void aClientWithoutACertificateIsRefusedWhereOneIsRequired() {
    MessagingException failure = connect(tls.nobody().build());

    assertThat(failure)
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("refused the TLS handshake")
        .hasMessageContaining("certificate from this side");
    assertThat(failure.code()).isEqualTo(StatusCode.UNAUTHENTICATED);
  }

  @Test
  void aClientOfAnotherAuthorityIsRefused() {
    CertificateAuthority rogue = CertificateAuthority.create("rogue");
    rogue
        .issue(CertificateOrder.of("both", List.of("localhost"), Duration.ofHours(1)))
        .write(directory, "rogue");

    assertThat(connect(tls.as("rogue").build())).hasMessageContaining("refused the TLS handshake");
  }

  @Test
  void aClientWhoseCertificateHasExpiredIsRefused() {
    issueFor("late", -2, -1, "localhost");

    assertThat(connect(tls.as("late").build())).hasMessageContaining("refused the TLS handshake");
  }

  @Test
  void aServiceWhoseCertificateIsForAnotherHostIsNotBelieved() {
    tls.issue("elsewhere", "elsewhere.example");

    assertThat(connectTo("elsewhere"))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("for another name")
        .hasMessageContaining("127.0.0.1")
        .hasMessageContaining("set serverName");
  }

  @Test
  void aServiceMayBeExpectedUnderAnotherName() {
    tls.issue("elsewhere", "elsewhere.example");
    try (Echo other = new Echo("wss://127.0.0.1:0", tls.as("elsewhere").build());
        Transport client =
            Echo.transportWith(tls.nobody().serverName("elsewhere.example").build())) {
      Connection connection = Await.result(client.connect(other.listener.endpoint()));

      assertThat(connection.peer().principal().name()).isEqualTo("elsewhere.example");
    }
  }

  @Test
  void aCommonNameIsNoNameOfAService() {
    for (List<String> others : List.of(List.<String>of(), List.of("10.0.0.1"))) {
      tls.issue("localhost", others.toArray(String[]::new));
      try (Echo other = new Echo("wss://127.0.0.1:0", tls.as("localhost").build());
          Transport client = Echo.transportWith(tls.nobody().serverName("localhost").build())) {
        assertThat(failureOf(client, other.listener.endpoint()))
            .isInstanceOf(EndpointException.class)
            .hasMessageContaining("names nobody")
            .hasMessageContaining("issue it again");
      }
    }
  }

  @Test
  void aCommonNameIsNoNameOfAClient() {
    tls.issue("operator");

    assertThat(connect(tls.as("operator").build()))
        .hasMessageContaining("refused the TLS handshake");
  }

  @Test
  void anEndpointMayNameWhomItIs() {
    tls.issue("elsewhere", "elsewhere.example");
    try (Echo other = new Echo("wss://127.0.0.1:0", tls.as("elsewhere").build());
        Transport client = Echo.transportWith(tls.nobody().build())) {
      Endpoint named = new Endpoint(other.listener.endpoint().uri(), "elsewhere.example");

      assertThat(Await.result(client.connect(named))).isNotNull();
    }
  }

  @Test
  void aServiceWhoseCertificateHasExpiredIsNotBelieved() {
    issueFor("late", -2, -1, "127.0.0.1");

    assertThat(connectTo("late")).hasMessageContaining("has expired").hasMessageContaining("renew");
  }

  @Test
  void aServiceWhoseCertificateIsOfTomorrowIsNotBelieved() {
    issueFor("early", 24, 48, "127.0.0.1");

    assertThat(connectTo("early"))
        .hasMessageContaining("not valid yet")
        .hasMessageContaining("clocks");
  }

  @Test
  void aServiceOfAnotherAuthorityIsNotBelieved() {
    CertificateAuthority.create("rogue")
        .issue(CertificateOrder.of("x", List.of("127.0.0.1"), Duration.ofHours(1)))
        .write(directory, "rogue");

    assertThat(connectTo("rogue"))
        .hasMessageContaining("no authority that is trusted here")
        .hasMessageContaining("trust its authority");
  }

  @Test
  void theAuthoritiesOfTheJvmAreBelievedByDefault() {
    try (Transport client = Echo.transportWith(TlsConfig.SYSTEM)) {
      assertThat(failureOf(client, echo.listener.endpoint()))
          .hasMessageContaining("no authority that is trusted here");
    }
  }

  @Test
  void aClientWithoutTlsLearnsThatThePortSpeaksIt() {
    MessagingException failure = connectTo("ws://127.0.0.1:" + echo.port(), TlsConfig.SYSTEM);

    assertThat(failure)
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("use wss:// if that port speaks TLS");
  }

  @Test
  void aClientWithTlsLearnsThatThePortDoesNotSpeakIt() {
    try (Echo plain = new Echo()) {
      assertThat(connectTo("wss://127.0.0.1:" + plain.port(), tls.nobody().build()))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("does not speak TLS");
    }
  }

  @Test
  void olderVersionsOfTlsAreRefused() throws Exception {
    SSLContext context = SSLContext.getInstance("TLSv1.2");
    context.init(null, new TrustManager[] {new TlsTrust(tls.nobody().build().trust())}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", echo.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});

      Assertions.assertThatThrownBy(socket::startHandshake)
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("protocol_version");
    }
  }

  @Test
  void aRequestOfHttp1IsClosed() throws IOException {
    try (RawWebSocket peer = new RawWebSocket(echo.port())) {
      peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(peer.readToEnd()).isLessThan(1024);
    }
  }

  @Test
  void randomBytesAreClosed() throws IOException {
    Random random = new Random(8);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[24 + random.nextInt(4096)];
      random.nextBytes(bytes);
      bytes[0] = i % 2 == 0 ? bytes[0] : 22;
      try (RawWebSocket peer = new RawWebSocket(echo.port())) {
        peer.write(bytes);
        peer.shutdownOutput();
        assertThat(peer.readToEnd()).isLessThan(1024);
      }
    }
  }

  @Test
  void aListenerNeedsACertificate() {
    try (Transport nobody = Echo.transportWith(tls.nobody().build())) {
      assertThat(
              Await.failure(
                  nobody.listen(
                      Endpoint.parse("wss://127.0.0.1:0"),
                      ListenContext.of(connection -> {}, new NoCalls())),
                  Await.LONG_ENOUGH))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("needs a certificate and its key");
    }
  }

  @Test
  void filesThatAreMissingAreNamed() {
    assertThat(connect(TlsConfig.builder().trust(directory.resolve("no.pem")).build()))
        .hasMessageContaining("there is no file " + directory.resolve("no.pem"));
  }

  @Test
  void aKeyThatBelongsToAnotherCertificateIsNamed() {
    tls.issue("other", "x");
    TlsConfig mixed =
        tls.nobody()
            .identity(
                PemPair.certificateFile(directory, "both"), PemPair.keyFile(directory, "other"))
            .build();

    assertThat(connect(mixed)).hasMessageContaining("does not belong to the first certificate");
  }

  @Test
  void aKeyInAnotherFormIsNamedWithTheRemedy() throws IOException {
    Path key = directory.resolve("old-key.pem");
    Files.writeString(
        key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    TlsConfig old = tls.nobody().identity(PemPair.certificateFile(directory, "both"), key).build();

    assertThat(connect(old))
        .hasMessageContaining("it holds a RSA PRIVATE KEY")
        .hasMessageContaining("openssl pkcs8");
  }

  private void issueFor(String name, int fromHours, int toHours, String... alternativeNames) {
    Instant now = Instant.now();
    tls.authority
        .issue(
            new CertificateOrder(
                name,
                List.of(alternativeNames),
                now.plus(Duration.ofHours(fromHours)),
                now.plus(Duration.ofHours(toHours))))
        .write(directory, name);
  }

  /** The failure of a client at the service that requires certificates. */
  private MessagingException connect(TlsConfig client) {
    return connectTo(echo.listener.endpoint().toString(), client);
  }

  /** The failure of a client at a service with this certificate. */
  private MessagingException connectTo(String certificate) {
    try (Echo other = new Echo("wss://127.0.0.1:0", tls.as(certificate).build())) {
      return connectTo(other.listener.endpoint().toString(), tls.nobody().build());
    }
  }

  private MessagingException connectTo(String endpoint, TlsConfig client) {
    try (Transport transport = Echo.transportWith(client)) {
      return failureOf(transport, Endpoint.parse(endpoint));
    }
  }

  private static MessagingException failureOf(Transport transport, Endpoint endpoint) {
    Throwable failure = Await.failure(transport.connect(endpoint), Await.LONG_ENOUGH);
    assertThat(failure).isInstanceOf(MessagingException.class);
    return (MessagingException) failure;
  }
}
