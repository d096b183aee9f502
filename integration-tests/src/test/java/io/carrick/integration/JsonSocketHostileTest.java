package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.PeerLimits;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What breaks the rules of docs/browser.md, by raw sockets: what it gets, and that others go on.
 */
@Timeout(60)
final class JsonSocketHostileTest {

  private static final int TEXT = 0x81;
  private static final String HELLO = "{\"t\":\"hello\"}";

  private final Messenger shop =
      Messenger.builder("shop")
          .maxMessageBytes(64 * 1024)
          .peerLimits(PeerLimits.DEFAULT.withLeastRate(100, Duration.ofSeconds(1)))
          .listen("http://127.0.0.1:0?origin=https://app.example&origin=http://localhost:3000")
          .build();
  private final URI port = URI.create(shop.endpoints().get(0));

  @AfterEach
  void close() {
    shop.close();
  }

  /** A socket of RFC 6455 that does as it likes. */
  private final class Raw implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    Raw() throws IOException {
      this(port.getPort());
    }

    Raw(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(30_000);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
    }

    /** Sends a request, and reads the head of its answer. */
    String ask(String first, String... headers) throws IOException {
      out.write(
          (first + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      return head.toString();
    }

    Raw upgraded() throws IOException {
      assertThat(ask("GET /v1/socket HTTP/1.1", handshake())).startsWith("HTTP/1.1 101 ");
      return this;
    }

    Raw welcomed() throws IOException {
      upgraded();
      send(TEXT, HELLO);
      assertThat(next()).contains("welcome");
      return this;
    }

    void send(int first, String payload) throws IOException {
      send(first, true, payload.getBytes(StandardCharsets.UTF_8));
    }

    void send(int first, boolean masked, byte[] payload) throws IOException {
      out.write(frame(first, masked, payload));
    }

    /** The next text message. */
    String next() throws IOException {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      while (true) {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        length =
            length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
        byte[] payload = in.readNBytes(length);
        int opcode = first & 0x0f;
        if (opcode == 8) {
          ByteBuffer body = ByteBuffer.wrap(payload);
          int code = payload.length < 2 ? 1005 : body.getShort();
          return "closed " + code + " " + StandardCharsets.UTF_8.decode(body);
        }
        if (opcode <= 1) {
          text.write(payload);
          if (first >= 0x80) {
            return text.toString(StandardCharsets.UTF_8);
          }
        }
      }
    }

    /** How it was closed, whatever came before. */
    String closed() throws IOException {
      try {
        String message = next();
        while (!message.startsWith("closed")) {
          message = next();
        }
        return message;
      } catch (EOFException | SocketException e) {
        return "cut";
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static byte[] frame(int first, boolean masked, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
    int mask = masked ? 0x80 : 0;
    if (payload.length < 126) {
      frame.put((byte) (mask | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (mask | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (mask | 127)).putLong(payload.length);
    }
    byte[] key = {1, 2, 3, 4};
    if (masked) {
      frame.put(key);
    }
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ (masked ? key[i & 3] : 0)));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  private String[] handshake(String... more) {
    List<String> headers =
        new ArrayList<>(
            List.of(
                "Host: 127.0.0.1:" + port.getPort(),
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol: carrick.json.v1"));
    for (String header : more) {
      String name = header.substring(0, header.indexOf(':') + 1);
      headers.removeIf(known -> known.startsWith(name));
      headers.add(header);
    }
    return headers.toArray(String[]::new);
  }

  private String answer(String... headers) throws IOException {
    try (Raw raw = new Raw()) {
      return raw.ask("GET /v1/socket HTTP/1.1", handshake(headers));
    }
  }

  @Test
  void aHandshakeThatIsNoneIsRefused() throws Exception {
    assertThat(answer()).startsWith("HTTP/1.1 101 ");
    assertThat(answer()).containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(answer("Sec-WebSocket-Extensions: permessage-deflate"))
        .startsWith("HTTP/1.1 101 ")
        .doesNotContainIgnoringCase("extensions");
    assertThat(answer("Sec-WebSocket-Protocol: carrick.v1")).startsWith("HTTP/1.1 400 ");
    assertThat(answer("Sec-WebSocket-Protocol: other, carrick.json.v1"))
        .startsWith("HTTP/1.1 101 ");
    assertThat(answer("Sec-WebSocket-Key: short")).startsWith("HTTP/1.1 400 ");
    assertThat(answer("Sec-WebSocket-Version: 8"))
        .startsWith("HTTP/1.1 426 ")
        .containsIgnoringCase("sec-websocket-version: 13");
    try (Raw raw = new Raw()) {
      assertThat(raw.ask("PUT /v1/socket HTTP/1.1", handshake("Content-Length: 0")))
          .startsWith("HTTP/1.1 405 ");
    }
  }

  @Test
  void pagesOfForeignOriginsAreRefusedBeforeThereIsASocket() throws Exception {
    for (String listed : List.of("https://app.example", "http://localhost:3000")) {
      assertThat(answer("Origin: " + listed)).as(listed).startsWith("HTTP/1.1 101 ");
    }
    for (String foreign :
        List.of(
            "null",
            "",
            "*",
            "https://app.example.",
            "https://app.example/",
            "https://app.example:443",
            "https://app.example:8443",
            "http://app.example",
            "https://APP.example",
            "https://App.Example",
            "https://app.example.evil.com",
            "https://app.example@evil.com",
            "https://evil.com/app.example",
            "https://evil.com?https://app.example",
            "https://evil.com#https://app.example",
            "https://evilapp.example",
            "https://x.app.example",
            "https://app-example",
            "https://app.exampl",
            "https://app.examplee",
            "https://xn--pp-mia.example",
            "//app.example",
            "app.example",
            "ftp://app.example",
            "file://",
            "http://localhost",
            "http://localhost:3001",
            "https://localhost:3000",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "https://app.example, https://evil.com")) {
      assertThat(answer("Origin: " + foreign)).as(foreign).startsWith("HTTP/1.1 403 ");
    }
    assertThat(answer("Origin: https://app.example\r\nOrigin: https://app.example"))
        .doesNotStartWith("HTTP/1.1 101 ");
  }

  @Test
  void aNameThatWasBoundAnewIsRefused() throws Exception {
    assertThat(answer("Host: evil.example:" + port.getPort())).startsWith("HTTP/1.1 403 ");
    assertThat(answer("Host: 127.0.0.1.evil.example")).startsWith("HTTP/1.1 403 ");
    assertThat(answer("Host: localhost:1")).startsWith("HTTP/1.1 101 ");
    assertThat(answer("Host: [::1]:1")).startsWith("HTTP/1.1 101 ");
  }

  private record Frame(String what, int first, boolean masked, byte[] payload, String gets) {}

  @Test
  void framesThatBreakRfc6455AreClosedWithItsCodes() throws Exception {
    for (Frame frame :
        List.of(
            new Frame("no mask", TEXT, false, new byte[5], "closed 1002"),
            new Frame("reserved bit 1", 0xC1, true, new byte[5], "closed 1002"),
            new Frame("reserved bit 3", 0x91, true, new byte[5], "closed 1002"),
            new Frame("unknown opcode", 0x83, true, new byte[5], "closed 1002"),
            new Frame("unknown control", 0x8B, true, new byte[5], "closed 1002"),
            new Frame("continuation of nothing", 0x80, true, new byte[5], "closed 1002"),
            new Frame("long ping", 0x89, true, new byte[126], "closed 1002"),
            new Frame("ping in fragments", 0x09, true, new byte[5], "closed 1002"),
            new Frame("half a close code", 0x88, true, new byte[1], "closed 1002"),
            new Frame("close code 1005", 0x88, true, new byte[] {3, (byte) 0xED}, "closed 1002"),
            new Frame("binary", 0x82, true, new byte[5], "closed 1003"),
            new Frame("binary in fragments", 0x02, true, new byte[5], "closed 1003"),
            new Frame("no UTF-8", TEXT, true, new byte[] {'"', (byte) 0xC3, '"'}, "closed 1007"),
            new Frame(
                "a surrogate",
                TEXT,
                true,
                new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                "closed 1007"),
            new Frame("close", 0x88, true, new byte[] {3, (byte) 0xE8}, "closed 1000"),
            new Frame("close without a code", 0x88, true, new byte[0], "closed 1005"))) {
      try (Raw raw = new Raw().welcomed()) {
        raw.send(frame.first(), frame.masked(), frame.payload());

        assertThat(raw.closed()).as(frame.what()).startsWith(frame.gets());
      }
    }
  }

  @Test
  void messagesThatBreakTheProtocolAreClosed() throws Exception {
    String open = "{\"t\":\"open\",\"x\":7,\"kind\":\"request\",\"topic\":\"nobody\"}";
    String[][] table = {
      {"", "1002"},
      {"hello", "1007"},
      {"{\"t\":\"ping\"", "1007"},
      {"{\"t\":\"ping\"}{}", "1002"},
      {"[]", "1002"},
      {"null", "1002"},
      {"{}", "1002"},
      {"{\"t\":5}", "1002"},
      {"{\"t\":\"serve\",\"x\":1}", "1002"},
      {"{\"t\":\"OPEN\",\"x\":1}", "1002"},
      {"{\"t\":\"open\",\"x\":1,\"topic\":\"a\"}", "1002"},
      {"{\"t\":\"open\",\"x\":1,\"kind\":\"dance\"}", "1002"},
      {"{\"t\":\"open\",\"kind\":\"request\"}", "1002"},
      {"{\"t\":\"open\",\"x\":-1,\"kind\":\"request\"}", "1002"},
      {"{\"t\":\"open\",\"x\":1.5,\"kind\":\"request\"}", "1002"},
      {"{\"t\":\"open\",\"x\":9007199254740992,\"kind\":\"request\"}", "1002"},
      {"{\"t\":\"open\",\"x\":" + "9".repeat(900) + ",\"kind\":\"request\"}", "1002"},
      {"{\"t\":\"open\",\"x\":1,\"kind\":\"request\",\"payloadBase64\":\"=?\"}", "1002"},
      {"{\"t\":\"open\",\"x\":1,\"kind\":\"request\",\"timeoutMillis\":99999999999}", "1002"},
      {"{\"t\":\"open\",\"x\":1,\"kind\":\"request\",\"headers\":[[\"a\"]]}", "1002"},
      {
        "{\"t\":\"open\",\"x\":1,\"kind\":\"request\",\"headers\":["
            + "[\"a\",\"b\"],".repeat(65)
            + "]}",
        "1002"
      },
      {"{\"t\":\"credit\",\"x\":1,\"items\":9}", "1002"},
      {"{\"t\":\"cancel\",\"x\":1}", "1002"},
      {HELLO, "1002"},
      {"{\"deep\":" + "[".repeat(1_000) + "]".repeat(1_000) + ",\"t\":\"ping\"}", "1007"},
      {"{\"t\":\"ping\",\"long\":\"" + "x".repeat(200_000) + "\"}", "1009"},
    };
    for (String[] row : table) {
      try (Raw raw = new Raw().welcomed()) {
        raw.send(TEXT, row[0]);

        assertThat(raw.closed())
            .as(row[0].substring(0, Math.min(80, row[0].length())))
            .startsWith("closed " + row[1]);
      }
    }
    try (Raw raw = new Raw().upgraded()) {
      raw.send(TEXT, open);
      assertThat(raw.closed()).as("before hello").startsWith("closed 1002");
    }
    try (Raw raw = new Raw().welcomed()) {
      raw.send(TEXT, open);
      assertThat(raw.next()).contains("\"t\":\"error\",\"x\":7");
      raw.send(TEXT, open);
      assertThat(raw.closed()).as("a number twice").startsWith("closed 1002");
    }
  }

  @Test
  void valuesWithoutCreditAreClosed() throws Exception {
    shop.handleChannel("deaf", String.class, values -> subscriber -> subscriber.onSubscribe(NEVER));
    try (Raw raw = new Raw().welcomed()) {
      raw.send(
          TEXT, "{\"t\":\"open\",\"x\":1,\"kind\":\"channel\",\"topic\":\"deaf\",\"items\":1}");
      raw.send(TEXT, "{\"t\":\"item\",\"x\":1,\"payload\":\"a\"}");

      assertThat(raw.closed()).startsWith("closed 1002 call 1 may send 0 values");
    }
  }

  private static final Flow.Subscription NEVER =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  @Test
  void aMessageWithoutAnEndIsClosedBeforeItIsGathered() throws Exception {
    try (Raw large = new Raw().welcomed();
        Raw small = new Raw().welcomed()) {
      large.send(0x01, true, new byte[1]);
      for (int i = 0; i < 13; i++) { // 104 KiB.
        large.send(0, true, new byte[8 * 1024]);
      }
      assertThat(large.closed()).startsWith("closed 1009");

      small.send(0x01, true, new byte[1]);
      assertThat(writeUntilClosed(small, frame(0, true, new byte[0]), 1 << 20))
          .matches("closed 1009.*|cut");
    }
  }

  /** Writes the same until it is closed, so many times at most. */
  private static String writeUntilClosed(Raw raw, byte[] fragment, int most) throws Exception {
    CompletableFuture<String> closed =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return raw.closed();
              } catch (IOException e) {
                return String.valueOf(e);
              }
            });
    try {
      for (int i = 0; i < most && !closed.isDone(); i++) {
        raw.out.write(fragment);
      }
    } catch (IOException e) {
      // It was cut while this side wrote, as it should be.
    }
    return closed.get(30, SECONDS);
  }

  @Test
  void aFloodOfPingsIsClosed() throws Exception {
    try (Raw raw = new Raw().welcomed()) {
      assertThat(writeUntilClosed(raw, frame(0x89, true, new byte[5]), 100_000))
          .matches("closed 1008.*|cut");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aMessageThatDripsIsCut() throws Exception {
    try (Raw raw = new Raw().welcomed()) {
      raw.send(0x01, true, "{\"t\":".getBytes(StandardCharsets.UTF_8));
      raw.out.write(0x80); // And a frame that has begun.

      assertThat(raw.closed()).isEqualTo("cut");
    }
  }

  @Test
  void aSocketHasSoManyCallsAndNoMore() throws Exception {
    shop.handleAsync("wait", Message.class, message -> new CompletableFuture<Message>());
    try (Raw raw = new Raw().welcomed()) {
      for (int x = 1; x <= 257; x++) {
        raw.send(
            TEXT,
            "{\"t\":\"open\",\"x\":"
                + x
                + ",\"kind\":\"subscribe\",\"topic\":\"t"
                + x
                + "\",\"items\":1}");
      }
      int accepted = 0;
      for (int x = 1; x <= 257; x++) { // What is refused is told first.
        String answer = raw.next();
        accepted += answer.contains("\"t\":\"accepted\"") ? 1 : 0;
        assertThat(answer)
            .containsPattern("accepted|\"x\":257,.*\"resource_exhausted\",\"delivered\":\"no\"");
      }
      assertThat(accepted).isEqualTo(256);
      raw.send(TEXT, "{\"t\":\"cancel\",\"x\":1}");
      raw.send(TEXT, "{\"t\":\"open\",\"x\":258,\"kind\":\"request\",\"topic\":\"nobody\"}");
      assertThat(raw.next()).contains("\"x\":258", "unimplemented");
    }
  }

  @Test
  void whoGrantsAllAndReadsNothingStopsThePublisher() throws Exception {
    AtomicLong given = new AtomicLong();
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    String item = "x".repeat(8 * 1024);
    shop.handleStream(
        "flood",
        Message.class,
        message ->
            subscriber ->
                subscriber.onSubscribe(
                    new Flow.Subscription() {
                      @Override
                      public void request(long n) {
                        for (long i = 0; i < n; i++) {
                          given.incrementAndGet();
                          subscriber.onNext(item);
                        }
                      }

                      @Override
                      public void cancel() {
                        cancelled.complete(null);
                      }
                    }));
    Raw raw = new Raw().welcomed();
    raw.send(
        TEXT,
        "{\"t\":\"open\",\"x\":1,\"kind\":\"stream\",\"topic\":\"flood\",\"items\":9007199254740991}");
    try (Raw other = new Raw().welcomed()) {
      long before = -1;
      int asked = 0;
      while (given.get() == 0 || given.get() != before) { // Until it stands still for some turns.
        before = given.get();
        for (int turns = 0; turns < 200; turns++) {
          other.send(
              TEXT, "{\"t\":\"open\",\"x\":" + ++asked + ",\"kind\":\"request\",\"topic\":\"no\"}");
          other.next();
        }
      }
    }
    assertThat(given.get() * item.length()).isLessThan(16L << 20); // The kernel's, and some.
    raw.close();
    cancelled.get(30, SECONDS);
  }

  @Test
  void repliesThatNobodyReadsHaveABound() throws Exception {
    int calls = 80;
    CompletableFuture<String> reply = new CompletableFuture<>();
    CountDownLatch handled = new CountDownLatch(calls);
    try (Messenger large =
        Messenger.builder("large").maxMessageBytes(2 << 20).listen("http://127.0.0.1:0").build()) {
      large.handleAsync(
          "large",
          Message.class,
          message -> {
            handled.countDown();
            return reply;
          });
      try (Raw raw = new Raw(URI.create(large.endpoints().get(0)).getPort()).welcomed()) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int x = 1; x <= calls; x++) {
          String open = "{\"t\":\"open\",\"x\":" + x + ",\"kind\":\"request\",\"topic\":\"large\"}";
          all.writeBytes(frame(TEXT, true, open.getBytes(StandardCharsets.UTF_8)));
        }
        raw.out.write(all.toByteArray());
        assertThat(handled.await(30, SECONDS)).isTrue();
        reply.complete("x".repeat(1 << 20));

        for (int x = 1; x <= calls; x++) { // As many as fit into 32 MiB, and the rest is told so.
          assertThat(raw.next()).containsPattern("\"t\":\"item\"|\"code\":\"resource_exhausted\"");
        }
      }
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whoSaysNoHelloIsClosed() throws Exception {
    try (Raw raw = new Raw().upgraded()) {
      assertThat(raw.closed()).startsWith("closed 1008 no hello");
    }
  }
}
