package io.carrick.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import io.carrick.testkit.RecordingReceiver;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is no peer of ours, or stops being one. */
@Timeout(60)
final class Http2ForeignPeersTest {

  private static final MediaType SESSION = MediaType.get(SessionCall.CONTENT_TYPE);

  private final Link link = new Link();
  private final OkHttpClient http =
      new OkHttpClient.Builder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();

  @AfterEach
  void close() {
    link.close();
    http.connectionPool().evictAll();
  }

  private String listen() {
    return link.listen("http://127.0.0.1:0").endpoint().toString();
  }

  private int answer(Request.Builder request) throws IOException {
    try (Response response = http.newCall(request.build()).execute()) {
      return response.code();
    }
  }

  @Test
  void aCallThatIsNoSessionIsToldSo() throws IOException {
    String at = listen();
    RequestBody nothing = RequestBody.create(new byte[0], SESSION);
    RequestBody text = RequestBody.create("text", MediaType.get("text/plain"));

    assertThat(answer(new Request.Builder().url(at + "/"))).isEqualTo(404);
    assertThat(answer(new Request.Builder().url(at + SessionCall.PATH))).isEqualTo(405);
    assertThat(answer(new Request.Builder().url(at + SessionCall.PATH).put(text))).isEqualTo(405);
    assertThat(answer(new Request.Builder().url(at + SessionCall.PATH).post(text))).isEqualTo(415);
    assertThat(answer(new Request.Builder().url(at + SessionCall.PATH).post(nothing)))
        .isIn(200, 405); // OkHttp may end the body with the headers, or behind them.
    assertThat(link.connect(at)).isNotNull();
  }

  @Test
  void bytesThatAreNoFramesEndTheirSessionOnly() throws Exception {
    String at = listen();
    Connection other = link.connect(at);
    RecordingReceiver atServer = Link.receive(link.accepted());
    RequestBody garbage =
        RequestBody.create("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII), SESSION);

    http.newCall(new Request.Builder().url(at + SessionCall.PATH).post(garbage).build())
        .enqueue(new Ignoring());
    RecordingReceiver hears = Link.receive(link.accepted());

    CloseReason reason = Await.result(hears.closed());
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.PROTOCOL);
    assertThat(reason.detail()).contains("peer does not speak Carrick", "GET / HTTP/1.1");
    other.send(ByteBuffer.wrap(new byte[] {7}));
    other.flush();
    assertThat(atServer.nextFrame()).containsExactly(7);
  }

  @Test
  void aBodyThatEndsWithinAFrameBreaks() throws Exception {
    String at = listen();
    RequestBody cut = RequestBody.create(new byte[] {0x0A, 5, 1, 2}, SESSION);

    http.newCall(new Request.Builder().url(at + SessionCall.PATH).post(cut).build())
        .enqueue(new Ignoring());
    RecordingReceiver hears = Link.receive(link.accepted());

    CloseReason reason = Await.result(hears.closed());
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.NETWORK);
    assertThat(reason.detail()).contains("after 2 of the 5 bytes of a frame");
  }

  @Test
  void whatAnswersInHttp1IsNamed() throws IOException {
    HttpServer one = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    one.start();
    try {
      assertThat(link.failureToConnect("http://127.0.0.1:" + one.getAddress().getPort()))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("it answers in HTTP/1.1");
    } finally {
      one.stop(0);
    }
  }

  @Test
  void whoeverSpeaksNoHttp2IsToldInHttp1AndClosed() throws IOException {
    URI at = URI.create(listen());
    for (String said :
        List.of("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "SSH-2.0-x\r\n\r\n")) {
      try (Socket socket = new Socket(at.getHost(), at.getPort())) {
        socket.setSoTimeout((int) Await.LONG_ENOUGH.toMillis());
        socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
        String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(told).startsWith("HTTP/1.1 40");
      }
    }
    assertThat(link.connect(at.toString())).isNotNull();
  }

  @Test
  void whoDoesNotAnswerIsGivenUpInTime() throws IOException {
    Duration time = Duration.ofMillis(700);
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Link hasty = new Link(TlsConfig.SYSTEM, TlsConfig.SYSTEM, time)) {
      long start = System.nanoTime();

      Throwable failure = hasty.failureToConnect("http://127.0.0.1:" + silent.getLocalPort());

      assertThat(failure)
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("no answer within 700 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(time, time.plusSeconds(2));
    }
  }

  @Test
  void anHttp2ServerOfSomethingElseIsNamed() throws Exception {
    try (OtherServer other = new OtherServer("200", "text/html")) {
      EndpointException failure = (EndpointException) link.failureToConnect(other.endpoint());

      assertThat(failure.code()).isEqualTo(StatusCode.UNIMPLEMENTED);
      assertThat(failure)
          .hasMessageContaining("does not serve /v1/session")
          .hasMessageContaining("it answered 200 with text/html");
    }
  }

  @Test
  void aProxyWithoutAServiceIsNobodyThere() throws Exception {
    try (OtherServer other = new OtherServer("503", "text/html")) {
      assertThat(link.failureToConnect(other.endpoint()))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("it answered 503 with text/html");
    }
  }

  @Test
  void aSocketThatTakesNothingIsCutByOurTimer() throws Exception {
    URI at = URI.create(listen());
    InetSocketAddress there = new InetSocketAddress(at.getHost(), at.getPort());
    long before = openSockets();
    try (FaultProxy proxy = FaultProxy.tcp(there, 1)) {
      Connection client = link.connect("http://127.0.0.1:" + proxy.port());
      Connection server = link.accepted();
      Stalling atClient = new Stalling();
      Stalling atServer = new Stalling();
      client.receive(atClient);
      server.receive(atServer);
      for (FaultProxy.Direction each : FaultProxy.Direction.values()) {
        proxy.hold(each);
      }
      atClient.fill(client);
      atServer.fill(server);
      long open = openSockets();

      client.close(CloseReason.local("of the test"));
      server.close(CloseReason.local("of the test"));

      Await.result(atClient.closed());
      Await.result(atServer.closed());
      Await.until(
          () -> openSockets() + " sockets of " + open + ", threads " + sessionThreads(),
          Duration.ofSeconds(6),
          () -> sessionThreads().isEmpty() && openSockets() <= Math.max(before, open - 2));
    }
  }

  private static List<String> sessionThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("carrick-http2-client"))
        .toList();
  }

  /** Zero where the system does not tell. */
  private static long openSockets() {
    File[] open = new File("/proc/self/fd").listFiles();
    return open == null ? 0 : Stream.of(open).filter(Http2ForeignPeersTest::isSocket).count();
  }

  private static boolean isSocket(File descriptor) {
    try {
      return Files.readSymbolicLink(descriptor.toPath()).toString().startsWith("socket:");
    } catch (IOException closed) {
      return false;
    }
  }

  /** Notices when a connection takes no more. */
  private static final class Stalling extends RecordingReceiver {

    private final Semaphore writable = new Semaphore(0);

    @Override
    protected void handleWritable() {
      writable.release();
    }

    void fill(Connection connection) throws InterruptedException {
      boolean moves = true;
      while (moves) {
        moves =
            connection.send(ByteBuffer.allocate(32 * 1024))
                || writable.tryAcquire(1, TimeUnit.SECONDS);
        connection.flush();
      }
    }
  }

  /** A caller that does not care how it ends. */
  private static final class Ignoring implements okhttp3.Callback {

    @Override
    public void onFailure(okhttp3.Call call, IOException failure) {}

    @Override
    public void onResponse(okhttp3.Call call, Response response) {
      try (response) {
        response.body().bytes();
      } catch (IOException ended) {
        // As it must.
      }
    }
  }
}
