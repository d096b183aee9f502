package io.carrick.integration;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What curl and raw sockets get of an HTTP port, as docs/http.md says. */
@Timeout(60)
final class HttpPageTest {

  private static final String ORIGIN = "http://app.example";

  record Order(String id, int count) {}

  private final Messenger orders =
      Messenger.builder("orders")
          .maxMessageBytes(64 * 1024)
          .listen("http://127.0.0.1:0?origin=" + ORIGIN)
          .build();
  private final String port = orders.endpoints().get(0);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    orders.close();
    clock.shutdownNow();
  }

  private Curl.Response post(String path, String body, String... more)
      throws IOException, InterruptedException {
    String[] arguments = new String[more.length + 5];
    System.arraycopy(more, 0, arguments, 0, more.length);
    arguments[more.length] = "-H";
    arguments[more.length + 1] = "Content-Type: application/json";
    arguments[more.length + 2] = "--data-raw";
    arguments[more.length + 3] = body;
    arguments[more.length + 4] = port + path;
    return Curl.call(arguments);
  }

  @Test
  void aRequestIsAnsweredInEachVersionOfHttp() throws Exception {
    orders.handle("order/double", Order.class, o -> new Order(o.id(), o.count() * 2));

    for (String version : List.of("--http1.0", "--http1.1", "--http2", "--http2-prior-knowledge")) {
      Curl.Response reply =
          post("/v1/request/order/double", "{\"id\":\"A-17\",\"count\":2}", version);

      assertThat(reply.status()).as(version).isEqualTo(200);
      assertThat(reply.body()).as(version).isEqualTo("{\"id\":\"A-17\",\"count\":4}");
      assertThat(reply.header("content-type")).isEqualTo("application/json");
    }
  }

  @Test
  void aReplyComesInTheTypeThatIsAccepted() throws Exception {
    orders.handle("double", Order.class, o -> new Order(o.id(), o.count() * 2));

    Curl.Response cbor = post("/v1/request/double", "{}", "-H", "Accept: application/cbor", "-o-");
    Curl.Response none = post("/v1/request/double", "{}", "-H", "Accept: image/png");

    assertThat(cbor.header("content-type")).isEqualTo("application/cbor");
    assertThat(none.status()).isEqualTo(400);
    assertThat(none.body()).contains("image/png", "\"code\":\"failed_precondition\"");
  }

  @Test
  void aCloudEventIsTheSameMessageInBothModes() throws Exception {
    orders.handle(
        "event",
        Message.class,
        (message, call) ->
            Message.of(message.contentType(), message.toByteArray())
                .withHeaders(message.headers()));
    String event =
        "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/s\",\"type\":\"t é\","
            + "\"datacontenttype\":\"application/json\",\"data\":{\"a\": [1, \"x\"]},\"ext\":5}";
    String structured = "Content-Type: application/cloudevents+json";

    Curl.Response binary = Curl.call("-H", structured, "-d", event, port + "/v1/request/event");
    Curl.Response back =
        Curl.call(
            "-H",
            "Content-Type: text/plain",
            "-H",
            "ce-specversion: 1.0",
            "-H",
            "ce-id: 7",
            "-H",
            "ce-source: /s",
            "-H",
            "ce-type: t%20%C3%A9",
            "-H",
            "Accept: application/cloudevents+json",
            "-d",
            "hi",
            port + "/v1/request/event");
    Curl.Response wrong = Curl.call("-H", structured, "-d", "{}", port + "/v1/request/event");

    assertThat(binary.header("ce-type")).isEqualTo("t %c3%a9");
    assertThat(binary.header("ce-ext")).isEqualTo("5");
    assertThat(binary.header("content-type")).isEqualTo("application/json");
    assertThat(binary.body()).isEqualTo("{\"a\": [1, \"x\"]}");
    assertThat(back.header("content-type")).isEqualTo("application/cloudevents+json");
    assertThat(back.body())
        .contains("\"type\":\"t é\"", "\"datacontenttype\":\"text/plain\"", "\"data\":\"hi\"");
    assertThat(wrong.status()).isEqualTo(400);
  }

  @Test
  void openApiDescribesEachCall() throws Exception {
    Curl.Response described = Curl.call(port + "/v1/openapi.json");

    assertThat(described.status()).isEqualTo(200);
    Map<?, ?> api =
        orders.decode(
            Message.of("application/json", described.body().getBytes(StandardCharsets.UTF_8)),
            Map.class);
    assertThat(api.get("openapi")).isEqualTo("3.1.0");
    assertThat(((Map<?, ?>) api.get("paths")).keySet().toString())
        .contains("request", "send", "publish", "stream", "subscribe");
    assertThat(post("/v1/openapi.json", "").status()).isEqualTo(405);
  }

  @Test
  void headersOfMessagesHaveAPrefixAndThoseOfTracesTheirNames() throws Exception {
    orders.handle(
        "headers",
        Message.class,
        (message, call) ->
            Message.ofText(message.headers().toString()).withHeaders(message.headers()));

    Curl.Response reply =
        post(
            "/v1/request/headers",
            "",
            "-H",
            "Carrick-Header-Tenant: Z%C3%BCrich",
            "-H",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "-H",
            "X-Other: no");

    assertThat(reply.body()).contains("Zürich", "traceparent").doesNotContain("x-other");
    assertThat(reply.header("carrick-header-tenant")).isEqualTo("z%c3%bcrich");
  }

  @Test
  void sendsAndPublishesAreAccepted() throws Exception {
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    orders.handleSend("note", String.class, got::add);
    orders.subscribe("news/#", String.class, got::add);

    Curl.Response sent = post("/v1/send/note", "a", "-H", "Content-Type: text/plain");
    Curl.Response published = post("/v1/publish/news/today", "b", "-H", "Content-Type: text/plain");

    assertThat(sent.status()).isEqualTo(202);
    assertThat(published.status()).isEqualTo(202);
    assertThat(List.of(got.poll(5, SECONDS), got.poll(5, SECONDS)))
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aFailureIsAProblemWithItsCodeAndWhetherItWasDelivered() throws Exception {
    orders.handle(
        "fail",
        Message.class,
        (message, call) -> {
          throw new CallException(
              StatusCode.NOT_FOUND, "no such \"order\": é", Map.of("id", "A-17"));
        });

    Curl.Response failed = post("/v1/request/fail", "");
    Curl.Response nobody = post("/v1/request/nobody", "");

    assertThat(failed.status()).isEqualTo(404);
    assertThat(failed.header("content-type")).isEqualTo("application/problem+json");
    assertThat(failed.header("carrick-delivered")).isEqualTo("yes");
    assertThat(failed.body())
        .contains(
            "\"status\":404",
            "\"detail\":\"no such \\\"order\\\": é\"",
            "\"code\":\"not_found\"",
            "\"delivered\":\"yes\"",
            "\"retry\":\"unsafe\"",
            "\"details\":{\"id\":\"A-17\"}");
    assertThat(nobody.status()).isIn(404, 501);
    assertThat(nobody.body()).contains("\"delivered\":\"no\"");
  }

  @Test
  void aDeadlineEndsACallAndTellsItsHandler() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    orders.handleAsync("never", Message.class, (message, call) -> hang(call, cancelled));

    Curl.Response late = post("/v1/request/never", "", "-H", "Carrick-Timeout-Ms: 200");
    Curl.Response wrong = post("/v1/request/never", "", "-H", "Carrick-Timeout-Ms: soon");

    assertThat(late.status()).isEqualTo(504);
    assertThat(cancelled.await(1, SECONDS)).isTrue();
    assertThat(wrong.status()).isEqualTo(400);
  }

  private static CompletableFuture<Message> hang(io.carrick.Call call, CountDownLatch cancelled) {
    call.onCancel(cancelled::countDown);
    return new CompletableFuture<>();
  }

  @Test
  void aClientThatGoesIsToldToTheHandlerWithinASecond() throws Exception {
    BlockingQueue<CountDownLatch> called = new LinkedBlockingQueue<>();
    orders.handleAsync(
        "never",
        Message.class,
        (message, call) -> {
          CountDownLatch cancelled = new CountDownLatch(1);
          CompletableFuture<Message> reply = hang(call, cancelled);
          called.add(cancelled);
          return reply;
        });
    for (String version : List.of("--http1.1", "--http2-prior-knowledge")) {
      Process curl = Curl.begin(version, "-d", "", port + "/v1/request/never");
      CountDownLatch cancelled = called.poll(10, SECONDS);

      curl.destroyForcibly();

      assertThat(cancelled.await(1, SECONDS)).as(version).isTrue();
    }
  }

  @Test
  void badRequestsHaveTheirStatusAndReachNobody() throws Exception {
    orders.handle("count", Message.class, (message, call) -> counted());

    assertThat(post("/v1/request/count", "x".repeat(65 * 1024)).status()).isEqualTo(413);
    assertThat(
            post("/v1/request/count", "x".repeat(65 * 1024), "-H", "Transfer-Encoding: chunked")
                .status())
        .isEqualTo(413);
    assertThat(post("/v1/request/count", "", "-H", "Content-Encoding: gzip").status())
        .isEqualTo(415);
    assertThat(post("/v1/request/count", "", "-H", "X-Long: " + "x".repeat(9_000)).status())
        .isEqualTo(431);
    Curl.Response get = Curl.call(port + "/v1/request/count");
    assertThat(get.status()).isEqualTo(405);
    assertThat(get.header("allow")).isEqualTo("post");
    assertThat(Curl.call(port + "/v1/other/count").status()).isEqualTo(404);
    assertThat(Curl.call(port + "/v1/request/%zz", "-d", "").status()).isEqualTo(400);
    assertThat(Curl.call("-H", "Accept: image/png", port + "/v1/stream/count").status())
        .isEqualTo(406);
    assertThat(calls).hasValue(0);
  }

  private Message counted() {
    calls.incrementAndGet();
    return Message.empty();
  }

  @Test
  void pagesOfForeignOriginsAreRefusedBeforeAnythingRuns() throws Exception {
    orders.handle("count", Message.class, (message, call) -> counted());
    orders.handleStream("count", Message.class, (message, call) -> Source.of(1, n -> counted()));

    for (String foreign :
        List.of(
            "http://app.example.evil",
            "http://evil-app.example",
            "https://app.example",
            "http://app.example:8080",
            "http://APP.example",
            "http://app.example/",
            "http://user@app.example",
            "null",
            "",
            port)) {
      String header = foreign.isEmpty() ? "Origin;" : "Origin: " + foreign;
      assertThat(post("/v1/request/count", "", "-H", header).status()).as(foreign).isEqualTo(403);
    }
    for (String site : List.of("cross-site", "same-site", "same-origin")) {
      assertThat(Curl.call("-H", "Sec-Fetch-Site: " + site, port + "/v1/stream/count").status())
          .as(site)
          .isEqualTo(403);
    }
    assertThat(calls).hasValue(0);
    Curl.Response allowed = post("/v1/request/count", "", "-H", "Origin: " + ORIGIN);
    assertThat(allowed.status()).isEqualTo(200);
    assertThat(allowed.header("access-control-allow-origin")).isEqualTo(ORIGIN);
    assertThat(allowed.header("vary")).isEqualTo("origin");
  }

  @Test
  void aPageIsToldWhatItMaySend() throws Exception {
    Curl.Response told =
        Curl.call(
            "-X",
            "OPTIONS",
            "-H",
            "Origin: " + ORIGIN,
            "-H",
            "Access-Control-Request-Method: POST",
            "-H",
            "Access-Control-Request-Headers: content-type,carrick-header-tenant",
            port + "/v1/request/count");

    assertThat(told.status()).isEqualTo(204);
    assertThat(told.header("access-control-allow-headers"))
        .contains("content-type", "authorization", "carrick-timeout-ms", "carrick-header-tenant");
    assertThat(told.head()).doesNotContain("access-control-allow-credentials");
  }

  @Test
  void aStreamIsServerSentEventsThatComeAsTheyAre() throws Exception {
    orders.handleStream("ticks", String.class, (text, call) -> new Ticker(clock, 100, 3));

    for (String version : List.of("--http1.0", "--http1.1", "--http2-prior-knowledge")) {
      Curl.Response got = Curl.call(version, port + "/v1/stream/ticks?payload=%22x%22");

      assertThat(got.status()).as(version).isEqualTo(200);
      assertThat(got.header("content-type")).isEqualTo("text/event-stream");
      assertThat(got.header("cache-control")).isEqualTo("no-store, no-transform");
      assertThat(got.header("x-accel-buffering")).isEqualTo("no");
      assertThat(got.body())
          .contains(
              "id: 1\nevent: item\ndata: {\"contentType\":\"application/json\",\"payload\":\"0\"}")
          .endsWith("event: end\ndata: {}\n\n");
    }
  }

  @Test
  void whoGoesEndsThePublisherWithinASecond() throws Exception {
    BlockingQueue<CountDownLatch> opened = new LinkedBlockingQueue<>();
    orders.handleStream("quiet", String.class, (text, call) -> new Quiet(opened));
    for (String version : List.of("--http1.1", "--http2-prior-knowledge")) {
      Process curl = Curl.begin(version, port + "/v1/stream/quiet");
      assertThat(Curl.lineOf(curl.getInputStream(), "data: ")).contains("first");
      CountDownLatch cancelled = opened.poll(10, SECONDS);

      curl.destroyForcibly();

      assertThat(cancelled.await(1, SECONDS)).as(version).isTrue();
    }
  }

  /** One item, and no more. */
  private record Quiet(BlockingQueue<CountDownLatch> opened) implements Flow.Publisher<String> {

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      CountDownLatch cancelled = new CountDownLatch(1);
      opened.add(cancelled);
      subscriber.onSubscribe(
          new Flow.Subscription() {
            private boolean given;

            @Override
            public void request(long n) {
              if (!given) {
                given = true;
                subscriber.onNext("first");
              }
            }

            @Override
            public void cancel() {
              cancelled.countDown();
            }
          });
    }
  }

  @Test
  void aSubscriptionHasWhatIsPublished() throws Exception {
    Process curl = Curl.begin("-i", port + "/v1/subscribe/news/%23");
    InputStream out = curl.getInputStream();
    assertThat(Curl.lineOf(out, "HTTP/1.1")).contains("200"); // It is there then.

    orders.publish("news/today", "rain").get(5, SECONDS);

    assertThat(Curl.lineOf(out, "data: "))
        .contains("\"topic\":\"news/today\"", "\"payload\":\"rain\"");
    orders.close();
    assertThat(Curl.lineOf(out, "event: error")).isNotEmpty();
    assertThat(Curl.lineOf(out, "data: ")).contains("\"code\":\"unavailable\"");
    assertThat(curl.waitFor(5, SECONDS)).isTrue();
  }

  @Test
  void whoReadsNothingHasABoundedPartOfAStream() throws Exception {
    Flood items = new Flood();
    orders.handleStream("flood", Message.class, (message, call) -> items);
    try (Socket socket = connect()) {
      socket.setReceiveBufferSize(4_096);
      write(socket, "GET /v1/stream/flood HTTP/1.1\r\nHost: x\r\n\r\n");

      long before = -1;
      for (long now = items.given.get(); now != before || now == 0; now = items.given.get()) {
        before = now;
        CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(500, MILLISECONDS))
            .join();
      }

      assertThat(before * Flood.BYTES).isLessThan(16L << 20);
    }
  }

  /** Gives what is asked for, and counts. */
  private static final class Flood implements Flow.Publisher<Message>, Flow.Subscription {

    static final int BYTES = 1_024;

    final AtomicLong given = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();
    private volatile Flow.Subscriber<? super Message> subscriber;

    @Override
    public void subscribe(Flow.Subscriber<? super Message> to) {
      subscriber = to;
      to.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      if (asked.getAndAdd(n) == 0) {
        do {
          given.incrementAndGet();
          subscriber.onNext(Message.of(new byte[BYTES]));
        } while (asked.decrementAndGet() > 0);
      }
    }

    @Override
    public void cancel() {}
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), URI.create(port).getPort());
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void whatOthersReadOtherwiseIsRefused() throws Exception {
    orders.handle("count", Message.class, (message, call) -> counted());
    String post = "POST /v1/request/count HTTP/1.1\r\nHost: x\r\n";
    for (String smuggled :
        List.of(
            post + "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            post + "X-A: b\r\n folded: c\r\nContent-Length: 0\r\n\r\n",
            post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            post + "Content-Length: +0\r\n\r\n",
            post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")) {
      try (Socket socket = connect()) {
        socket.setSoTimeout(5_000);
        write(socket, smuggled);
        String answer = Curl.lineOf(socket.getInputStream(), "HTTP/");

        assertThat(answer).as(smuggled).containsPattern(" (400|501) ");
      }
    }
    assertThat(calls).hasValue(0);
  }

  @Test
  void aTokenSaysWhoCallsAndWithoutOneNobodyDoes() throws Exception {
    TokenNodes nodes = new TokenNodes();
    try (nodes;
        Messenger served =
            Messenger.builder("orders")
                .tokens(nodes.verifier)
                .tokensInClear()
                .listen("http://127.0.0.1:0")
                .build()) {
      served.handle(
          "who", Message.class, (message, call) -> Message.ofText(call.principal().toString()));
      String who = served.endpoints().get(0) + "/v1/request/who";
      String token = TokenNodes.token("alice", java.time.Duration.ofMinutes(1));

      Curl.Response known = Curl.call("-H", "Authorization: Bearer " + token, "-d", "", who);
      Curl.Response unknown = Curl.call("-d", "", who);

      assertThat(known.body()).isEqualTo("token:alice");
      assertThat(unknown.status()).isEqualTo(401);
      assertThat(unknown.header("www-authenticate")).isEqualTo("bearer");
    }
  }
}
