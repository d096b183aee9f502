package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.tls.TlsContexts;
import io.carrick.transport.support.HostPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an HTTP port does with what is no HTTP, or too much of it; others are served beside. */
@Timeout(60)
final class HttpBadInputTest {

  private final AtomicInteger there = new AtomicInteger();
  private HttpPorts ports = HttpPorts.of(TransportConfig.of("test"));
  private final Loops clients = new Loops("clients");

  @AfterEach
  void close() throws InterruptedException {
    ports.close();
    clients.close();
  }

  private Endpoint listen(PeerLimits limits) {
    ports.close();
    ports =
        HttpPorts.of(
            TransportConfig.of("test").withConnectTimeout(Duration.ofSeconds(5)).withPeers(limits));
    return listen("http://127.0.0.1:0");
  }

  private Endpoint listen(String text) {
    Endpoint endpoint = Endpoint.parse(text);
    return ports
        .listen(
            endpoint,
            HostPort.of(endpoint, "x"),
            endpoint.scheme().equals("https"),
            List.of(
                HttpTakers.session("/s"),
                HttpTakers.requests("/silent", peer -> new HttpTakers.Silent(there)),
                HttpTakers.echo("/")))
        .endpoint();
  }

  private Endpoint listen() {
    return listen(PeerLimits.DEFAULT);
  }

  private void assertServes(Endpoint endpoint) throws Exception {
    try (HttpClients beside = new HttpClients(clients, endpoint, null)) {
      assertThat(beside.post("/e", "x")).isEqualTo("200 POST /e x");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | EHLO example.org~~",
        "400 | GET /~~",
        "400 | GET / HTTP/1.1~~",
        "400 | GET / HTTP/1.1~Host: a~Host: b~~",
        "400 | GET noslash HTTP/1.1~Host: a~~",
        "400 | GET / HTTP/1.1~Host: a~Sp ace: b~~",
        "400 | POST / HTTP/1.1~Host: a~Content-Length: 3~Content-Length: 4~~abcd",
        "400 | POST / HTTP/1.1~Host: a~Content-Length: 3, 4~~abcd",
        "400 | POST / HTTP/1.1~Host: a~Content-Length: -1~~abcd",
        "400 | POST / HTTP/1.1~Host: a~Content-Length: 3~Transfer-Encoding: chunked~~0~~",
        "400 | POST / HTTP/1.0~Transfer-Encoding: chunked~~0~~",
        "400 | POST / HTTP/1.1~Host: a~Transfer-Encoding: chunked~~zz~~",
        "400 | POST / HTTP/1.1~Host: a~Transfer-Encoding: xchunked~~0~~",
        "501 | POST / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~0~~",
        "417 | POST / HTTP/1.1~Host: a~Expect: much~Content-Length: 1~~a",
        "505 | GET / HTTP/1.2~Host: a~~",
        "505 | GET / HTTP/3.0~Host: a~~",
        "404 | OPTIONS * HTTP/1.1~Host: a~~",
        "200 | GET http://a/x HTTP/1.1~Host: a~Connection: close~~",
        "400 | GET / HTTP/1.1~Host: a~Folded: b~ c~Connection: close~~",
      })
  void http1IsReadAsItsStandardSays(int status, String request) throws Exception {
    Endpoint endpoint = listen();
    try (RawHttp peer = new RawHttp(endpoint)) {
      assertThat(peer.say(request.strip().replace("~", "\r\n")).readToEnd())
          .startsWith("HTTP/1.1 " + status)
          .containsOnlyOnce("content-length");
    }
    assertServes(endpoint);
  }

  @Test
  void whatIsTooLongIsRefused() throws Exception {
    Endpoint endpoint = listen();
    try (RawHttp peer = new RawHttp(endpoint)) {
      assertThat(peer.say("GET /" + "a".repeat(5_000)).readToEnd()).startsWith("HTTP/1.1 414");
    }
    try (RawHttp peer = new RawHttp(endpoint)) {
      assertThat(peer.say("GET / HTTP/1.1\r\nHost: a\r\nLong: " + "a".repeat(9_000)).readToEnd())
          .startsWith("HTTP/1.1 431");
    }
    try (HttpClients peer = new HttpClients(clients, endpoint, null)) {
      assertThat(peer.post("/" + "a".repeat(5_000), "")).startsWith("414");
      assertThat(peer.post("/e", "", "long", "a".repeat(9_000))).startsWith("431");
    }
    assertServes(endpoint);
  }

  @Test
  void aRequestBeforeItsTurnEndsTheConnection() throws Exception {
    Endpoint endpoint = listen();
    try (RawHttp peer = new RawHttp(endpoint)) {
      String one = "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n";
      peer.say(one.repeat(1_000));
      Await.until("the first is taken", () -> there.get() == 1);
      assertServes(endpoint);
    }
    Await.until("and is told that its peer went", () -> there.get() == 0);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void t10_whoIsSlowWithItsHeadersIsToldSo() throws Exception {
    Endpoint endpoint = listen();
    ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    try (RawHttp silent = new RawHttp(endpoint);
        RawHttp slow = new RawHttp(endpoint).say("GET / HTTP/1.1\r\nX: ");
        RawHttp half = new RawHttp(endpoint).say("PRI * HT")) {
      drip.scheduleAtFixedRate(() -> say(slow, "a"), 0, 200, TimeUnit.MILLISECONDS);

      assertThat(slow.readToEnd()).startsWith("HTTP/1.1 408");
      assertThat(silent.readToEnd()).isEmpty();
      half.readToEnd();
      assertServes(endpoint);
    } finally {
      drip.shutdownNow();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void t10_whoIsSlowWithTlsOrInItIsClosed(@TempDir Path directory) throws Exception {
    TlsConfig tls = HttpPortTest.issue(directory);
    ports.close();
    ports = HttpPorts.of(TransportConfig.of("test").withTls(tls));
    Endpoint endpoint = listen("https://127.0.0.1:0");
    try (RawHttp slow = new RawHttp(endpoint).say("\u0016\u0003\u0001");
        Socket secured =
            new TlsContexts(tls)
                .client(endpoint)
                .getSocketFactory()
                .createSocket("127.0.0.1", endpoint.uri().getPort())) {
      ((SSLSocket) secured).startHandshake();

      assertThat(secured.getInputStream().read()).isEqualTo(-1);
      slow.readToEnd();
    }
  }

  @Test
  void t10_aBodyThatDripsIsCutOff() throws Exception {
    Endpoint endpoint = listen(PeerLimits.DEFAULT.withLeastRate(1_000, Duration.ofMillis(500)));
    ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    try (RawHttp one = new RawHttp(endpoint);
        RawHttp two = new RawHttp(endpoint).begin()) {
      one.say("POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
      two.write(RawHttp.frame(RawHttp.HEADERS, RawHttp.END_HEADERS, 1, RawHttp.headers("/silent")));
      byte[] data = RawHttp.frame(RawHttp.DATA, 0, 1, new byte[1]);
      drip.scheduleAtFixedRate(
          () -> {
            say(one, "a");
            write(two, data);
          },
          0,
          20,
          TimeUnit.MILLISECONDS);

      one.readToEnd();
      two.readToEnd();
      assertServes(endpoint);
    } finally {
      drip.shutdownNow();
    }
    Await.until("its taker is told", () -> there.get() == 0);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whoIsNotKnownMayNotSendMuch() throws Exception {
    Endpoint endpoint = listen();
    byte[] part = new byte[16 * 1024];
    try (RawHttp one = new RawHttp(endpoint);
        RawHttp two = new RawHttp(endpoint).begin()) {
      one.say("POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
      two.write(RawHttp.frame(RawHttp.HEADERS, RawHttp.END_HEADERS, 1, RawHttp.headers("/silent")));
      Await.until("both are taken", () -> there.get() == 2);
      one.write(part);
      two.write(RawHttp.frame(RawHttp.DATA, 0, 1, part));

      one.readToEnd();
      two.readToEnd();
      assertServes(endpoint);
    }
  }

  @Test
  void t9_floodsEndTheirConnection() throws Exception {
    Endpoint endpoint = listen();
    byte[] open = RawHttp.frame(RawHttp.HEADERS, RawHttp.END_HEADERS, 1, RawHttp.headers("/s"));
    byte[] more = RawHttp.frame(RawHttp.CONTINUATION, 0, 1, new byte[0]);
    byte[] empty = RawHttp.frame(RawHttp.DATA, 0, 1, new byte[0]);
    try (RawHttp settings = new RawHttp(endpoint).begin();
        RawHttp continuation = new RawHttp(endpoint).begin();
        RawHttp data = new RawHttp(endpoint).begin()) {
      settings.writeToEnd(i -> RawHttp.frame(RawHttp.SETTINGS, 0, 0, new byte[0]), 10_000);
      continuation.write(RawHttp.frame(RawHttp.HEADERS, 0, 1, RawHttp.headers("/s")));
      continuation.writeToEnd(i -> more, 10_000);
      data.write(open);
      data.writeToEnd(i -> empty, 10_000);
    }
    assertServes(endpoint);
  }

  @Test
  void t9_aConnectionHasSoManyStreams() throws Exception {
    Endpoint endpoint = listen();
    try (RawHttp peer = new RawHttp(endpoint).begin()) {
      int flags = RawHttp.END_HEADERS | RawHttp.END_STREAM;
      peer.write(RawHttp.frame(RawHttp.HEADERS, flags, 1, RawHttp.headers("/known")));
      peer.readTo("/known");
      for (int i = 1; i <= HttpLimits.STREAMS + 10; i++) {
        peer.write(RawHttp.frame(RawHttp.HEADERS, flags, 2 * i + 1, RawHttp.headers("/silent")));
      }

      Await.until("all are taken that may be", () -> there.get() == HttpLimits.STREAMS);
      assertServes(endpoint);
      assertThat(there).hasValue(HttpLimits.STREAMS);
    }
    Await.until("and are told that their peer went", () -> there.get() == 0);
  }

  @Test
  void whoIsNotKnownMayNotOpenMuch() throws Exception {
    Endpoint endpoint = listen();
    int most = PeerLimits.DEFAULT.unknownBytes() / 2 / RawHttp.headers("/silent").length;
    try (RawHttp peer = new RawHttp(endpoint).begin()) {
      for (int i = 0; i < HttpLimits.STREAMS; i++) {
        peer.write(
            RawHttp.frame(
                RawHttp.HEADERS,
                RawHttp.END_HEADERS | RawHttp.END_STREAM,
                2 * i + 1,
                RawHttp.headers("/silent")));
      }
      peer.readTo("until the peer is known");

      assertThat(there.get()).isBetween(1, most);
    }
  }

  @Test
  void t9_streamsThatAreResetEndTheirConnection() throws Exception {
    Endpoint endpoint = listen();
    try (RawHttp rapid = new RawHttp(endpoint).begin();
        RawHttp made = new RawHttp(endpoint).begin()) {
      rapid.writeToEnd(i -> ended(2 * i + 1, RawHttp.RST_STREAM, 8), 10_000);
      made.writeToEnd(i -> ended(2 * i + 1, RawHttp.WINDOW_UPDATE, 0), 10_000);
    }
    assertServes(endpoint);
  }

  /** A stream, and a frame that ends it; an increment of 0 makes the server reset it. */
  private static byte[] ended(int stream, int type, int value) {
    byte[] open =
        RawHttp.frame(RawHttp.HEADERS, RawHttp.END_HEADERS, stream, RawHttp.headers("/s"));
    byte[] end = RawHttp.frame(type, 0, stream, ByteBuffer.allocate(4).putInt(value).array());
    return ByteBuffer.allocate(open.length + end.length).put(open).put(end).array();
  }

  private static void say(RawHttp peer, String text) {
    try {
      peer.say(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(RawHttp peer, byte[] bytes) {
    try {
      peer.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
