package io.carrick.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Connection;
import io.carrick.transport.websocket.RawWebSocket.Frame;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that break rules; one that keeps them is served beside each. */
@Timeout(60)
final class WebSocketHostileTest {

  private static final String ASKS =
      RawWebSocket.PROTOCOL + RawWebSocket.VERSION + RawWebSocket.KEY + "Host: localhost\r\n";

  private static final long MAX_GROWTH_BYTES = 8 << 20;
  private static final int FLOOD = 100_000;

  private Echo echo;
  private Connection beside;

  @BeforeEach
  void open() {
    echo = new Echo();
    beside = echo.connect();
  }

  @AfterEach
  void othersGoOn() {
    assertThat(echo.roundTrip(beside)).isPositive();
    echo.close();
  }

  // Handshakes.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost",
        "https://localhost",
        "http://localhost:80",
        "http://127.0.0.1",
        "http://[::1]",
        "null",
        "",
        "file://",
        "http://evil.example",
        "http://evil.example:8080",
        "https://localhost.evil.example",
        "http://evil-localhost",
        "http://localhost@evil.example",
        "HTTP://LOCALHOST",
        "http://localhost.",
        "http://localhost/",
        "http://l\u00f6calhost",
        "http://xn--lcalhost-n4a",
        "chrome-extension://abc",
        "moz-extension://abc",
        "ws://localhost",
        "wss://localhost",
        "//localhost",
        "localhost",
        "*",
        "http://*",
        "http://0.0.0.0",
        "http://2130706433",
        "http://localhost:99999",
        "http://localhost http://evil.example"
      })
  void pagesOfBrowsersBeginNoSession(String origin) throws IOException {
    assertThat(answer("GET", ASKS + "Origin: " + origin + "\r\n")).startsWith("HTTP/1.1 403 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:7400", "localhost.evil.example", "127.0.0.1.x", "x"})
  void aNameThatLeadsHereFromElsewhereIsRefused(String host) throws IOException {
    String asks = ASKS.replace("Host: localhost", "Host: " + host);

    assertThat(answer("GET", asks)).startsWith("HTTP/1.1 403 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:7400", "a.localhost", "127.0.0.1:1", "[::1]:80"})
  void namesOfThisHostAreServed(String host) throws IOException {
    String asks = ASKS.replace("Host: localhost", "Host: " + host);

    assertThat(answer("GET", asks)).startsWith("HTTP/1.1 101 ");
  }

  @Test
  void whoAsksForNoneOrAnotherSubProtocolIsRefused() throws IOException {
    String none = ASKS.replace(RawWebSocket.PROTOCOL, "");

    assertThat(answer("GET", none)).startsWith("HTTP/1.1 400 ");
    for (String other : List.of("", "nope", "Carrick.v1", "carrick.v10", "carrick.v2, nope")) {
      assertThat(answer("GET", none + "Sec-WebSocket-Protocol: " + other + "\r\n"))
          .startsWith("HTTP/1.1 400 ");
    }
    assertThat(answer("GET", none + "Sec-WebSocket-Protocol: nope, carrick.v1\r\n"))
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("Sec-WebSocket-Protocol: carrick.v1\r\n");
  }

  @Test
  void compressionThatIsOfferedIsNotTaken() throws IOException {
    assertThat(answer("GET", ASKS + "Sec-WebSocket-Extensions: permessage-deflate\r\n"))
        .startsWith("HTTP/1.1 101 ")
        .doesNotContainIgnoringCase("extensions");
  }

  @Test
  void whatIsNoHandshakeIsRefused() throws IOException {
    assertThat(answer("POST", ASKS)).startsWith("HTTP/1.1 405 ").contains("GET");
    assertThat(answer("GET", ASKS.replace(RawWebSocket.KEY, ""))).startsWith("HTTP/1.1 400 ");
    assertThat(answer("GET", ASKS.replace("13", "8")))
        .startsWith("HTTP/1.1 426 ")
        .containsIgnoringCase("Sec-WebSocket-Version: 13");
    assertThat(answer("GET", ASKS.replace(RawWebSocket.VERSION, ""))).startsWith("HTTP/1.1 4");
    assertThat(answer("GET", ASKS + "X: " + "x".repeat(9_000) + "\r\n"))
        .startsWith("HTTP/1.1 431 ");
  }

  private String answer(String method, String headers) throws IOException {
    try (RawWebSocket peer = new RawWebSocket(echo.port())) {
      return peer.ask(method, headers);
    }
  }

  // Frames.

  @Test
  void whoKeepsTheRulesIsServedHoweverItsBytesCome() throws IOException {
    try (RawWebSocket peer = new RawWebSocket(echo.port()).begin()) {
      byte[] packet = RawWebSocket.packet(new byte[300]);
      for (byte each : RawWebSocket.frame(RawWebSocket.FIN | RawWebSocket.BINARY, packet)) {
        peer.write(new byte[] {each});
      }
      assertThat(peer.read().payload()).isEqualTo(packet);
      peer.write(RawWebSocket.frame(RawWebSocket.BINARY, Arrays.copyOf(packet, 100)));
      peer.write(RawWebSocket.frame(RawWebSocket.FIN | RawWebSocket.PING, (byte) 7));
      peer.write(
          RawWebSocket.frame(RawWebSocket.FIN, Arrays.copyOfRange(packet, 100, packet.length)));
      assertThat(peer.read())
          .extracting(Frame::first, Frame::payload)
          .contains(0x8a, new byte[] {7});
      assertThat(peer.read().payload()).isEqualTo(packet);

      peer.write(
          RawWebSocket.frame(RawWebSocket.FIN | RawWebSocket.CLOSE, new byte[] {3, (byte) 0xe8}));
      assertThat(peer.readToClose().code()).isEqualTo(1000);
    }
  }

  static Stream<Arguments> broken() {
    int fin = RawWebSocket.FIN;
    int binary = RawWebSocket.BINARY;
    int close = fin | RawWebSocket.CLOSE;
    byte[] some = RawWebSocket.packet(new byte[10]);
    byte[] bare = RawWebSocket.frame(fin | binary, some);
    bare[1] &= 0x7f;
    return Stream.of(
        Arguments.of("a text message", 1003, frame(fin | RawWebSocket.TEXT, some)),
        Arguments.of("text that is no UTF-8", 1003, frame(fin | 1, (byte) 0xff)),
        Arguments.of("no mask", 1002, bare),
        Arguments.of("the first reserved bit", 1002, frame(fin | binary | 0x40, some)),
        Arguments.of("the second reserved bit", 1002, frame(fin | binary | 0x20, some)),
        Arguments.of("the third reserved bit", 1002, frame(fin | binary | 0x10, some)),
        Arguments.of("an unknown opcode", 1002, frame(fin | 3, some)),
        Arguments.of("an unknown control opcode", 1002, frame(fin | 11, some)),
        Arguments.of("a ping in fragments", 1002, frame(RawWebSocket.PING, (byte) 1)),
        Arguments.of("a long ping", 1002, frame(fin | RawWebSocket.PING, new byte[126])),
        Arguments.of("a long close", 1002, frame(close, new byte[126])),
        Arguments.of("a fragment of nothing", 1002, frame(fin, some)),
        Arguments.of(
            "a message in a message", 1002, concat(frame(binary, some), frame(fin | binary, some))),
        Arguments.of(
            "a length in two bytes",
            1002,
            new byte[] {(byte) 0x82, (byte) 0xfe, 0, 3, 1, 1, 1, 1, 0, 0, 0}),
        Arguments.of(
            "a length in eight bytes",
            1002,
            new byte[] {(byte) 0x82, (byte) 0xff, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1}),
        Arguments.of(
            "a negative length",
            1002,
            new byte[] {(byte) 0x82, (byte) 0xff, (byte) 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1}),
        Arguments.of("a close of one byte", 1002, frame(close, (byte) 3)),
        Arguments.of("a close code that there is not", 1002, frame(close, new byte[] {0, 1})),
        Arguments.of(
            "a close code that is never sent", 1002, frame(close, new byte[] {3, (byte) 0xee})),
        Arguments.of(
            "a reason that is no UTF-8",
            1007,
            frame(close, new byte[] {3, (byte) 0xe8, (byte) 0xff, (byte) 0xfe})),
        Arguments.of(
            "a Packet that is none", 1002, frame(fin | binary, new byte[] {(byte) 0x0a, 9, 1})),
        Arguments.of(
            "a message of 128 KiB and a byte",
            1009,
            RawWebSocket.frame(fin | binary, 131_073, new byte[0])),
        Arguments.of(
            "a message of 1 GB", 1009, RawWebSocket.frame(fin | binary, 1 << 30, new byte[0])),
        Arguments.of(
            "a message of 2^62 bytes",
            1009,
            RawWebSocket.frame(fin | binary, 1L << 62, new byte[0])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void whatBreaksARuleIsClosedWithItsCode(String what, int code, byte[] bytes) throws Exception {
    try (RawWebSocket peer = new RawWebSocket(echo.port()).begin()) {
      peer.write(bytes);

      Frame close = peer.readToClose();

      assertThat(close).as(what).isNotNull();
      assertThat(close.code()).as(close.reason()).isEqualTo(code);
    }
  }

  @Test
  void aMessageOf1GbInFragmentsIsClosedBeforeItIsGathered() throws Exception {
    byte[] part = new byte[16 * 1024];
    int sent =
        flood(i -> RawWebSocket.frame(i == 0 ? RawWebSocket.BINARY : 0, part), 1009, "131072");

    assertThat((long) sent * part.length).isLessThan(16 << 20);
  }

  @Test
  void emptyFragmentsWithoutEndAreClosed() throws Exception {
    flood(i -> RawWebSocket.frame(i == 0 ? RawWebSocket.BINARY : 0), 1009, "131072");
  }

  @Test
  void aFloodOfPingsIsClosed() throws Exception {
    flood(i -> RawWebSocket.frame(RawWebSocket.FIN | RawWebSocket.PING), 1008, "pings");
  }

  @Test
  void aFloodOfEmptyMessagesIsClosed() throws Exception {
    flood(i -> RawWebSocket.frame(RawWebSocket.FIN | RawWebSocket.BINARY), 1002, "without frames");
  }

  @Test
  void tooManyPingsAndTooLongMessagesAreClosedWithTheirCodes() throws Exception {
    try (RawWebSocket peer = new RawWebSocket(echo.port()).begin()) {
      for (int i = 0; i <= FrameGate.MAX_CONTROLS; i++) {
        peer.write(frame(RawWebSocket.FIN | RawWebSocket.PING));
      }
      assertThat(peer.readToClose().code()).isEqualTo(1008);
    }
    try (RawWebSocket peer = new RawWebSocket(echo.port()).begin()) {
      for (int i = 0; i <= 8; i++) {
        peer.write(frame(i == 0 ? RawWebSocket.BINARY : 0, new byte[16 * 1024]));
      }
      assertThat(peer.readToClose().code()).isEqualTo(1009);
    }
  }

  private interface Part {
    byte[] at(int i);
  }

  /** Sends parts until it is closed so, which is before 100,000 of them; how many were sent. */
  private int flood(Part part, int code, String reason) throws Exception {
    long before = heldBytes();
    int sent = 0;
    try (RawWebSocket peer = new RawWebSocket(echo.port()).begin()) {
      CompletableFuture<Frame> closed = CompletableFuture.supplyAsync(() -> lastOf(peer));
      try {
        while (sent < FLOOD && !closed.isDone()) {
          peer.write(part.at(sent++));
        }
      } catch (IOException e) {
        assertThat(sent).isPositive(); // It was cut.
      }
      assertThat(sent).isLessThan(FLOOD);
      assertThat(echo.roundTrip(beside)).isPositive();
      Frame close = closed.get(20, TimeUnit.SECONDS);
      if (close != null) { // Else the reset, which what was under way got, has taken it.
        assertThat(close.code()).isEqualTo(code);
        assertThat(close.reason()).contains(reason);
      }
    }
    assertThat(heldBytes() - before).isLessThan(MAX_GROWTH_BYTES);
    return sent;
  }

  private static @Nullable Frame lastOf(RawWebSocket peer) {
    try {
      return peer.readToClose();
    } catch (IOException e) {
      return null;
    }
  }

  @Test
  void randomBytesAreClosed() throws IOException {
    Random random = new Random(9);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[24 + random.nextInt(4096)];
      random.nextBytes(bytes);
      try (RawWebSocket peer = new RawWebSocket(echo.port())) {
        if (i % 2 == 0) {
          peer.begin();
        }
        peer.write(bytes);
        peer.shutdownOutput();
        assertThat(peer.readToEnd()).isLessThan(1024);
      }
    }
  }

  private static byte[] frame(int first, byte... payload) {
    return RawWebSocket.frame(first, payload);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static long heldBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
