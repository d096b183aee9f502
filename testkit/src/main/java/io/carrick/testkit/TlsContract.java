package io.carrick.testkit;

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
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whom a transport with TLS lets in, and what the others are told; those inside do not notice. To
 * be extended, as {@link TransportContract}.
 */
@Timeout(60)
public abstract class TlsContract {

  @TempDir Path directory;

  private TestTls tls;
  private Service service;
  private Connection beside;
  private RecordingReceiver received;

  /** For an extension. */
  protected TlsContract() {}

  /** The provider under test. */
  protected abstract TransportProvider provider();

  /** Its scheme with TLS. */
  protected abstract String secure();

  /** Its scheme without TLS. */
  protected abstract String plain();

  /** What a client without TLS is told at a port with it. */
  protected String remedyWithoutTls() {
    return "use " + secure() + ":// if that port speaks TLS";
  }

  /** A listener that echoes, and the transport that it is of. */
  private static final class Service implements AutoCloseable {

    private final Transport transport;
    private final Listener listener;

    Service(Transport transport, String scheme) {
      this.transport = transport;
      this.listener =
          Await.result(
              transport.listen(
                  any(scheme),
                  ListenContext.of(each -> each.receive(new Echo(each)), new NoCalls())));
    }

    Endpoint endpoint() {
      return listener.endpoint();
    }

    int port() {
      return endpoint().uri().getPort();
    }

    @Override
    public void close() {
      transport.close();
    }
  }

  private Service service(TlsConfig config) {
    return new Service(transport(config), secure());
  }

  private Transport transport(TlsConfig config) {
    return provider()
        .create(
            TransportConfig.of("test").withConnectTimeout(Duration.ofSeconds(5)).withTls(config));
  }

  private static Endpoint any(String scheme) {
    return Endpoint.parse(scheme + "://127.0.0.1:0");
  }

  @BeforeEach
  void open() {
    tls = new TestTls(directory);
    service = service(tls.mutual());
    beside = Await.result(service.transport.connect(service.endpoint()));
    received = new RecordingReceiver();
    beside.receive(received);
  }

  @AfterEach
  void othersGoOn() {
    beside.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    beside.flush();
    assertThat(received.nextFrame()).containsExactly(1, 2, 3);
    service.close();
  }

  @Test
  void bothSidesKnowEachOther() {
    assertThat(beside.peer().principal()).isEqualTo(new Principal("tls", "localhost"));
    assertThat(beside.peer().security()).isEqualTo(SecurityLevel.MUTUAL);
  }

  @Test
  void aClientWithoutACertificateIsNobodyWhereNoneIsAsked() {
    try (Service open = service(tls.as("both").build());
        Transport nobody = transport(tls.nobody().build())) {
      Connection connection = Await.result(nobody.connect(open.endpoint()));

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
    try (Service other = service(tls.as("elsewhere").build());
        Transport client = transport(tls.nobody().serverName("elsewhere.example").build())) {
      Connection connection = Await.result(client.connect(other.endpoint()));

      assertThat(connection.peer().principal().name()).isEqualTo("elsewhere.example");
    }
  }

  @Test
  void aCommonNameIsNoNameOfAService() {
    for (List<String> others : List.of(List.<String>of(), List.of("10.0.0.1"))) {
      tls.issue("localhost", others.toArray(String[]::new));
      try (Service other = service(tls.as("localhost").build());
          Transport client = transport(tls.nobody().serverName("localhost").build())) {
        assertThat(failureOf(client, other.endpoint()))
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
    try (Service other = service(tls.as("elsewhere").build());
        Transport client = transport(tls.nobody().build())) {
      Endpoint named = new Endpoint(other.endpoint().uri(), "elsewhere.example");

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
    try (Transport client = transport(TlsConfig.SYSTEM)) {
      assertThat(failureOf(client, service.endpoint()))
          .hasMessageContaining("no authority that is trusted here");
    }
  }

  @Test
  void aClientWithoutTlsLearnsThatThePortSpeaksIt() {
    MessagingException failure =
        connectTo(plain() + "://127.0.0.1:" + service.port(), TlsConfig.SYSTEM);

    assertThat(failure)
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining(remedyWithoutTls());
  }

  @Test
  void aClientWithTlsLearnsThatThePortDoesNotSpeakIt() {
    try (Service open = new Service(transport(TlsConfig.SYSTEM), plain())) {
      assertThat(connectTo(secure() + "://127.0.0.1:" + open.port(), tls.nobody().build()))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("does not speak TLS");
    }
  }

  @Test
  void olderVersionsOfTlsAreRefused() throws Exception {
    SSLContext context = SSLContext.getInstance("TLSv1.2");
    context.init(null, trusting(tls.trust()), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", service.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});

      Assertions.assertThatThrownBy(socket::startHandshake)
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("protocol_version");
    }
  }

  @Test
  void aRequestOfHttp1IsClosed() throws IOException {
    byte[] request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    assertThat(answered(request, false)).isLessThan(1024);
  }

  @Test
  void randomBytesAreClosed() throws IOException {
    Random random = new Random(8);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[24 + random.nextInt(4096)];
      random.nextBytes(bytes);
      bytes[0] = i % 2 == 0 ? bytes[0] : 22;
      assertThat(answered(bytes, true)).isLessThan(1024);
    }
  }

  @Test
  void aListenerNeedsACertificate() {
    try (Transport nobody = transport(tls.nobody().build())) {
      assertThat(
              Await.failure(
                  nobody.listen(any(secure()), ListenContext.of(connection -> {}, new NoCalls())),
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

  private static TrustManager[] trusting(Path certificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(certificate)) {
      trusted.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    return managers.getTrustManagers();
  }

  /** Sends this from a bare socket, and counts what comes until the end, which a reset is, too. */
  private long answered(byte[] bytes, boolean thenEnd) throws IOException {
    long count = 0;
    try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      peer.setSoTimeout((int) Await.LONG_ENOUGH.toMillis());
      try {
        peer.getOutputStream().write(bytes);
        if (thenEnd) {
          peer.shutdownOutput();
        }
        while (peer.getInputStream().read() >= 0) {
          count++;
        }
      } catch (SocketTimeoutException e) {
        throw new AssertionError("the connection stayed open", e);
      } catch (IOException e) {
        return count;
      }
    }
    return count;
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
    return connectTo(service.endpoint().toString(), client);
  }

  /** The failure of a client at a service with this certificate. */
  private MessagingException connectTo(String certificate) {
    try (Service other = service(tls.as(certificate).build())) {
      return connectTo(other.endpoint().toString(), tls.nobody().build());
    }
  }

  private MessagingException connectTo(String endpoint, TlsConfig client) {
    try (Transport transport = transport(client)) {
      return failureOf(transport, Endpoint.parse(endpoint));
    }
  }

  private static MessagingException failureOf(Transport transport, Endpoint endpoint) {
    Throwable failure = Await.failure(transport.connect(endpoint), Await.LONG_ENOUGH);
    assertThat(failure).isInstanceOf(MessagingException.class);
    return (MessagingException) failure;
  }
}
