package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.tls.TlsContexts;
import io.carrick.transport.support.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One port for all versions of HTTP, and for several endpoints. */
@Timeout(60)
final class HttpPortTest {

  @TempDir Path directory;

  private TransportConfig config = TransportConfig.of("test");
  private HttpPorts ports = HttpPorts.of(config);
  private final Loops clients = new Loops("clients");

  @AfterEach
  void close() throws InterruptedException {
    ports.close();
    clients.close();
  }

  private Endpoint listen(String endpoint, HttpTaker... takers) {
    return on(ports, endpoint, takers).endpoint();
  }

  private static HttpEndpoint on(HttpPorts ports, String text, HttpTaker... takers) {
    Endpoint endpoint = Endpoint.parse(text);
    return ports.listen(
        endpoint,
        HostPort.of(endpoint, "x"),
        List.of("https", "wss").contains(endpoint.scheme()),
        List.of(takers));
  }

  private static String get(String path, String version) {
    return "GET " + path + " HTTP/" + version + "\r\nHost: a\r\n\r\n";
  }

  /** A certificate of both sides, which this directory's authority signs. */
  static TlsConfig issue(Path directory) {
    CertificateAuthority authority = CertificateAuthority.create("test authority");
    authority.own().write(directory, CertificateAuthority.NAME);
    authority
        .issue(CertificateOrder.of("both", List.of("localhost"), Duration.ofHours(1)))
        .write(directory, "both");
    return TlsConfig.builder()
        .trust(PemPair.certificateFile(directory, CertificateAuthority.NAME))
        .identity(PemPair.certificateFile(directory, "both"), PemPair.keyFile(directory, "both"))
        .build();
  }

  @Test
  void oneConnectionCarriesManyRequestsOfHttp11() throws Exception {
    Endpoint endpoint = listen("http://127.0.0.1:0", HttpTakers.echo("/"));
    try (RawHttp peer = new RawHttp(endpoint)) {
      for (int i = 0; i < 3; i++) {
        peer.say(get("/e" + i + "?q", "1.1"));

        assertThat(peer.readTo("GET /e" + i + "?q "))
            .startsWith("HTTP/1.1 200 OK")
            .contains("content-length: 10");
      }
      peer.say(
          "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
      assertThat(peer.readTo("POST /p abc")).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void anAnswerWithoutALengthGoesInChunksOrEndsTheConnection() throws Exception {
    Endpoint endpoint = listen("http://127.0.0.1:0", HttpTakers.echo("/"));
    try (RawHttp peer = new RawHttp(endpoint)) {
      peer.say(get("/stream", "1.1"));
      assertThat(peer.readTo("0\r\n\r\n"))
          .contains("transfer-encoding: chunked")
          .contains("GET /stream ");
      assertThat(peer.say(get("/again", "1.1")).readTo("/again ")).contains("200 OK");
    }
    try (RawHttp old = new RawHttp(endpoint)) {
      assertThat(old.say(get("/stream", "1.0")).readToEnd())
          .startsWith("HTTP/1.0 200 OK")
          .doesNotContain("chunked")
          .endsWith("\r\n\r\nGET /stream ");
    }
  }

  @Test
  void anOldClientKeepsItsConnectionIfItAsksForThat() throws Exception {
    Endpoint endpoint = listen("http://127.0.0.1:0", HttpTakers.echo("/"));
    try (RawHttp old = new RawHttp(endpoint)) {
      old.say("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(old.readTo("GET /a ")).contains("connection: keep-alive");
      assertThat(old.say(get("/b", "1.0")).readToEnd()).endsWith("GET /b ");
    }
  }

  @Test
  void theHeadOfAnAnswerHasNoBody() throws Exception {
    Endpoint endpoint = listen("http://127.0.0.1:0", HttpTakers.echo("/"));
    try (RawHttp peer = new RawHttp(endpoint)) {
      peer.say("HEAD /h HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertThat(peer.readToEnd()).contains("content-length: 8").endsWith("\r\n\r\n");
    }
  }

  @Test
  void whoExpectsToGoOnIsToldSo() throws Exception {
    Endpoint endpoint = listen("http://127.0.0.1:0", HttpTakers.echo("/"));
    try (RawHttp peer = new RawHttp(endpoint)) {
      assertThat(peer.say(get("/stop", "1.1")).readTo("GET /stop ")).contains("200 OK");
      peer.say("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      assertThat(peer.readTo("\r\n\r\n")).startsWith("HTTP/1.1 100 Continue");
      assertThat(peer.say("abc").readTo("POST /p abc")).contains("200 OK");
    }
  }

  @Test
  void http2ByPriorKnowledgeIsOnTheSamePort() throws Exception {
    Endpoint endpoint =
        listen("http://127.0.0.1:0", HttpTakers.session("/s"), HttpTakers.echo("/"));
    try (HttpClients peer = new HttpClients(clients, endpoint, null)) {
      HttpClients.Stream session = peer.open("/s");
      session.write("one", false);
      Await.until("it comes back", () -> session.text().equals("200 one"));
      assertThat(peer.post("/e", "body")).isEqualTo("200 POST /e body");
      assertThat(peer.post("/stream", "")).isEqualTo("200 POST /stream ");
      session.write("two", true);
      assertThat(session.end()).isEqualTo("200 onetwo");
    }
  }

  @Test
  void overTlsItIsAgreedByAlpn() throws Exception {
    TlsConfig tls = issue(directory);
    ports.close();
    config = TransportConfig.of("test").withConnectTimeout(Duration.ofSeconds(5)).withTls(tls);
    ports = HttpPorts.of(config);
    Endpoint endpoint =
        listen("https://127.0.0.1:0", HttpTakers.session("/s"), HttpTakers.echo("/"));
    URI uri = URI.create("https://localhost:" + endpoint.uri().getPort() + "/e");
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpResponse<String> reply =
          HttpClient.newBuilder()
              .version(version)
              .sslContext(new TlsContexts(tls).client(endpoint))
              .build()
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());

      assertThat(reply.body()).isEqualTo("GET /e ");
      assertThat(reply.version()).isEqualTo(version);
    }
    try (HttpClients peer =
        new HttpClients(clients, endpoint, new NettyTls(tls).client(endpoint, "h2"))) {
      HttpClients.Stream session = peer.open("/s");
      session.write("one", true);
      assertThat(session.end()).isEqualTo("200 one");
    }
  }

  @Test
  void whoSpeaksNoTlsIsToldWhatToUse() throws Exception {
    ports.close();
    config =
        TransportConfig.of("test")
            .withConnectTimeout(Duration.ofSeconds(5))
            .withTls(issue(directory));
    ports = HttpPorts.of(config);
    Endpoint endpoint = listen("https://127.0.0.1:0", HttpTakers.echo("/"));
    try (RawHttp peer = new RawHttp(endpoint)) {
      assertThat(peer.say(get("/e", "1.1")).readToEnd())
          .startsWith("HTTP/1.1 400")
          .endsWith("this port speaks TLS: use https://\n");
    }
  }

  @Test
  void anUpgradeGoesOnInItsOwnProtocol() throws Exception {
    Endpoint endpoint =
        listen("http://127.0.0.1:0", HttpTakers.upgrade("echo"), HttpTakers.echo("/"));
    try (RawHttp peer = new RawHttp(endpoint)) {
      peer.say("GET /u HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: Echo\r\n\r\nhello");
      assertThat(peer.readTo("hello")).startsWith("HTTP/1.1 101 Switching Protocols");
      assertThat(peer.say(get("/x", "1.1")).readTo("\r\n\r\n")).startsWith("GET /x");
    }
    try (RawHttp peer = new RawHttp(endpoint)) {
      peer.say("GET /u HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
      assertThat(peer.readTo("GET /u ")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void whatNobodyTakesIsNotFound() throws Exception {
    Endpoint endpoint = listen("http://127.0.0.1:0", HttpTakers.session("/s"));
    try (RawHttp peer = new RawHttp(endpoint);
        HttpClients other = new HttpClients(clients, endpoint, null)) {
      assertThat(peer.say(get("/s", "1.1")).readToEnd()).startsWith("HTTP/1.1 404");
      assertThat(other.post("/t", "")).startsWith("404 nothing is served");
    }
  }

  @Test
  void endpointsOfOneMessengerShareASocketAndEachClosesAlone() throws Exception {
    try (HttpPorts second = HttpPorts.of(config)) {
      HttpEndpoint one = on(ports, "http://127.0.0.1:0", HttpTakers.echo("/one"));
      int port = one.endpoint().uri().getPort();
      HttpEndpoint two = on(second, "ws://127.0.0.1:" + port, HttpTakers.echo("/two"));
      assertThat(two.endpoint()).isEqualTo(Endpoint.parse("ws://127.0.0.1:" + port));
      try (RawHttp peer = new RawHttp(one.endpoint())) {
        assertThat(peer.say(get("/one", "1.1")).readTo("/one ")).contains("200 OK");
        assertThat(peer.say(get("/two", "1.1")).readTo("/two ")).contains("200 OK");

        one.close();

        assertThat(peer.say(get("/two", "1.1")).readTo("/two ")).contains("200 OK");
        assertThat(peer.say(get("/one", "1.1")).readToEnd()).startsWith("HTTP/1.1 404");
      }
      ports.close(); // Its transport goes; the loops stay for the other.
      try (RawHttp peer = new RawHttp(two.endpoint())) {
        assertThat(peer.say(get("/two", "1.1")).readTo("/two ")).contains("200 OK");
      }

      two.close();

      assertThatThrownBy(() -> new RawHttp(two.endpoint())).isInstanceOf(IOException.class);
    }
  }

  @Test
  void twoThatListenAtOnceShare() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<CompletableFuture<HttpEndpoint>> both =
        Stream.of("http", "ws")
            .map(
                scheme ->
                    CompletableFuture.supplyAsync(
                        () -> on(ports, scheme + "://127.0.0.1:" + port, HttpTakers.echo("/"))))
            .toList();

    for (CompletableFuture<HttpEndpoint> each : both) {
      assertThat(Await.result(each).endpoint().uri().getPort()).isEqualTo(port);
    }
  }

  @Test
  void aSchemeListensOnAPortOnceAndWithTlsOrWithout() {
    int port = listen("http://127.0.0.1:0", HttpTakers.echo("/")).uri().getPort();
    for (String text : List.of("http://127.0.0.1:" + port, "https://127.0.0.1:" + port)) {
      assertThatThrownBy(() -> listen(text, HttpTakers.echo("/")))
          .isInstanceOfSatisfying(
              EndpointException.class,
              e -> assertThat(e.code()).isEqualTo(StatusCode.ALREADY_EXISTS))
          .hasMessageContaining("cannot listen on " + text)
          .hasMessageContaining("choose another port");
    }
  }

  @Test
  void twoMessengersDoNotShare() {
    int port = listen("http://127.0.0.1:0", HttpTakers.echo("/")).uri().getPort();
    try (HttpPorts other = HttpPorts.of(TransportConfig.of("test"))) {
      assertThatThrownBy(() -> on(other, "ws://127.0.0.1:" + port, HttpTakers.echo("/")))
          .isInstanceOfSatisfying(
              EndpointException.class,
              e -> assertThat(e.code()).isEqualTo(StatusCode.ALREADY_EXISTS));
    }
  }

  @Test
  void whatIsOpenGoesOnWhenItsEndpointCloses() throws Exception {
    HttpEndpoint endpoint = on(ports, "http://127.0.0.1:0", HttpTakers.session("/s"));
    try (HttpClients peer = new HttpClients(clients, endpoint.endpoint(), null)) {
      HttpClients.Stream session = peer.open("/s");
      session.write("one", false);
      Await.until("it is open", () -> session.text().equals("200 one"));

      endpoint.close();

      session.write("two", true);
      assertThat(session.end()).isEqualTo("200 onetwo");
      Await.until("its connection ends with it", () -> !peer.isOpen());
    }
  }

  @Test
  void whoVanishesIsTold() throws Exception {
    AtomicInteger there = new AtomicInteger();
    Endpoint endpoint =
        listen(
            "http://127.0.0.1:0", HttpTakers.requests("/", peer -> new HttpTakers.Silent(there)));
    RawHttp first = new RawHttp(endpoint).say(get("/a", "1.1"));
    HttpClients second = new HttpClients(clients, endpoint, null);
    second.open("/b");
    Await.until("both are there", () -> there.get() == 2);

    first.close();
    second.close();

    Await.until("both are gone", () -> there.get() == 0);
  }

  @Test
  void closingEndsWhatIsOpenAndTheLoops() throws Exception {
    AtomicInteger there = new AtomicInteger();
    Endpoint endpoint =
        listen(
            "http://127.0.0.1:0", HttpTakers.requests("/", peer -> new HttpTakers.Silent(there)));
    try (RawHttp peer = new RawHttp(endpoint).say(get("/a", "1.1"))) {
      Await.until("it is there", () -> there.get() == 1);

      ports.close();

      assertThat(peer.readToEnd()).isEmpty();
      assertThatThrownBy(() -> listen("http://127.0.0.1:0")).hasMessageContaining("closed");
    }
  }
}
