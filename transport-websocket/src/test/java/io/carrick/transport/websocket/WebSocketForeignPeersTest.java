package io.carrick.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.CloseReason.Kind;
import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.transport.websocket.OtherServer.Answer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client makes of servers and gateways that are not ours. */
@Timeout(60)
final class WebSocketForeignPeersTest {

  private static final String AGREED = "Sec-WebSocket-Protocol: carrick.v1\r\n";

  private final Link link = new Link();

  @AfterEach
  void close() {
    link.close();
  }

  @Test
  void theRequestHasNoOriginAndNoCookieAndAsksForTheSubProtocolOnly() throws Exception {
    CompletableFuture<String> asked = new CompletableFuture<>();
    try (OtherServer server = new OtherServer((socket, request) -> asked.complete(request))) {
      link.failureToConnect(server.endpoint());

      String request = asked.get(5, TimeUnit.SECONDS).toLowerCase(java.util.Locale.ROOT);
      assertThat(request)
          .startsWith("get /v1/session http/1.1\r\n")
          .contains("host: " + server.endpoint().substring(5))
          .contains("sec-websocket-protocol: carrick.v1\r\n")
          .doesNotContain("origin", "cookie", "extensions");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, UNIMPLEMENTED, it answered 404",
    "200, UNIMPLEMENTED, it answered 200",
    "403, UNIMPLEMENTED, it answered 403",
    "302, UNIMPLEMENTED, it answered 302",
    "502, UNAVAILABLE, it answered 502",
    "503, UNAVAILABLE, it answered 503",
    "400, UNAVAILABLE, wss://"
  })
  void anotherAnswerIsNamed(int status, StatusCode code, String words) throws IOException {
    Throwable failure =
        failure(
            (socket, request) ->
                OtherServer.say(
                    socket,
                    "HTTP/1.1 " + status + " X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"));

    assertThat(failure).hasMessageContaining(words);
    StatusCode got =
        failure instanceof EndpointException e ? e.code() : ((ConnectException) failure).code();
    assertThat(got).isEqualTo(code);
  }

  @Test
  void whoAgreesToSomethingElseIsRefused() throws IOException {
    for (String more :
        List.of(
            "",
            "Sec-WebSocket-Protocol: other\r\n",
            AGREED + "Sec-WebSocket-Extensions: permessage-deflate\r\n")) {
      assertThat(failure((s, r) -> OtherServer.say(s, OtherServer.switching(r, more))))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("it agreed to something else");
    }
    assertThat(
            failure(
                (socket, request) ->
                    OtherServer.say(
                        socket, OtherServer.switching("Sec-WebSocket-Key: other", AGREED))))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("another handshake");
  }

  @Test
  void whatIsNoHttpAndWhoClosesAreNamed() throws IOException {
    assertThat(failure((socket, request) -> OtherServer.say(socket, "SSH-2.0-x\r\n\r\n")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("does not speak HTTP/1.1");
    assertThat(failure((socket, request) -> {}))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("it closed the connection");
    assertThat(
            failure(
                (socket, request) -> {
                  OtherServer.say(socket, "HTTP/1.1 101 X\r\nX: " + "x".repeat(20_000));
                  OtherServer.drain(socket);
                }))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void whoNeverAnswersIsGivenUpInTimeAndSoIsWhoAnswersForEver() throws IOException {
    try (OtherServer silent = new OtherServer((socket, request) -> OtherServer.drain(socket));
        Link hasty = new Link(TlsConfig.SYSTEM, TlsConfig.SYSTEM, Duration.ofMillis(700))) {
      assertThat(hasty.failureToConnect(silent.endpoint()))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("no answer within 700 ms");
    }
    assertThat(
            failure(
                (socket, request) -> {
                  while (true) {
                    OtherServer.say(socket, "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n");
                  }
                }))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("17 answers");
  }

  private Throwable failure(Answer answer) throws IOException {
    try (OtherServer server = new OtherServer(answer)) {
      return link.failureToConnect(server.endpoint());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000, PEER", "1001, PEER", "1002, PROTOCOL", "1003, PROTOCOL", "1007, PROTOCOL",
    "1008, PROTOCOL", "1009, PROTOCOL", "1011, NETWORK", "1012, NETWORK", "4000, NETWORK"
  })
  void aCloseCodeSaysWhatKindOfEndItIs(int code, Kind kind) throws Exception {
    CloseReason reason =
        endOf(frame(0x88, new byte[] {(byte) (code >> 8), (byte) code, 'w', 'h', 'y', '\n', 27}));

    assertThat(reason.kind()).isEqualTo(kind);
    assertThat(reason.detail()).contains(code + ": why??");
  }

  @Test
  void aServerThatMasksOrSendsWhatIsTooLargeIsClosed() throws Exception {
    assertThat(endOf(RawWebSocket.frame(0x82, (byte) 10, (byte) 0)).kind())
        .isEqualTo(Kind.PROTOCOL);
    assertThat(endOf(new byte[] {(byte) 0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0}))
        .extracting(CloseReason::kind, CloseReason::detail)
        .satisfies(
            both -> {
              assertThat(both.get(0)).isEqualTo(Kind.PROTOCOL);
              assertThat((String) both.get(1)).contains("1073741824 bytes");
            });
  }

  /** How a session ends that gets these bytes. */
  private CloseReason endOf(byte[] bytes) throws Exception {
    try (OtherServer server =
        new OtherServer(
            (socket, request) -> {
              OtherServer.say(socket, OtherServer.switching(request, AGREED));
              socket.getOutputStream().write(bytes);
              OtherServer.drain(socket);
            })) {
      RecordingReceiver received = Link.receive(link.connect(server.endpoint()));
      return Await.result(received.closed());
    }
  }

  @Test
  void messagesThatComeWithTheAnswerAreNotLost() throws Exception {
    byte[] first = RawWebSocket.packet((byte) 1, (byte) 2);
    try (OtherServer server =
        new OtherServer(
            (socket, request) -> {
              ByteArrayOutputStream both = new ByteArrayOutputStream();
              both.writeBytes(
                  OtherServer.switching(request, AGREED).getBytes(StandardCharsets.US_ASCII));
              both.writeBytes(frame(0x82, first));
              socket.getOutputStream().write(both.toByteArray());
              OtherServer.drain(socket);
            })) {
      Connection connection = link.connect(server.endpoint());
      RecordingReceiver received = Link.receive(connection);

      assertThat(received.nextFrame()).containsExactly(1, 2);
      connection.close(CloseReason.local("done"));
    }
  }

  @Test
  void aPeerThatReadsNothingIsCutOffByOurTimer() throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try (OtherServer server =
        new OtherServer(
            (socket, request) -> {
              socket.setReceiveBufferSize(4_096);
              OtherServer.say(socket, OtherServer.switching(request, AGREED));
              over.join();
            })) {
      Connection connection = link.connect(server.endpoint());
      RecordingReceiver received = Link.receive(connection);
      while (connection.send(ByteBuffer.allocate(60_000))) {
        connection.flush();
      }
      connection.flush();
      long start = System.nanoTime();
      connection.close(CloseReason.local("done"));
      Await.result(received.closed());
      link.client.close();

      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
      over.complete(null);
    }
  }

  @Test
  void aGatewaySeesNoFrameOfMoreThan64KibWithItsHeader() throws Exception {
    LinkedBlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
    String listening = link.listen("ws://127.0.0.1:0").endpoint().toString();
    int port = java.net.URI.create(listening).getPort();
    try (OtherServer gateway =
        new OtherServer((socket, request) -> relay(socket, request, port, sizes))) {
      Connection connection = link.connect(gateway.endpoint());
      Connection accepted = link.accepted();
      RecordingReceiver there = Link.receive(accepted);
      RecordingReceiver here = Link.receive(connection);
      byte[] largest = new byte[65_536];
      new java.util.Random(1).nextBytes(largest);

      for (int size : new int[] {65_536, 65_535, 65_530, 65_520, 65_500, 32_768, 1}) {
        byte[] frame = java.util.Arrays.copyOf(largest, size);
        connection.send(ByteBuffer.wrap(frame));
        connection.flush();
        assertThat(there.nextFrame()).isEqualTo(frame);
        accepted.send(ByteBuffer.wrap(frame));
        accepted.flush();
        assertThat(here.nextFrame()).isEqualTo(frame);
      }

      assertThat(sizes).hasSizeGreaterThan(14).allMatch(size -> size <= 65_536);
    }
  }

  /** Hands bytes on both ways, and notes how large each frame is. */
  private static void relay(
      Socket client, String request, int port, LinkedBlockingQueue<Integer> sizes)
      throws IOException {
    try (Socket server = new Socket("127.0.0.1", port)) {
      OtherServer.say(server, request);
      DataInputStream fromServer = new DataInputStream(server.getInputStream());
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        answer.append((char) fromServer.readUnsignedByte());
      }
      OtherServer.say(client, answer.toString());
      CompletableFuture<Void> back =
          CompletableFuture.runAsync(
              () -> {
                try {
                  frames(fromServer, client.getOutputStream(), sizes);
                } catch (IOException e) {
                  return; // Closed.
                }
              });
      frames(new DataInputStream(client.getInputStream()), server.getOutputStream(), sizes);
      back.cancel(false);
    }
  }

  private static void frames(
      DataInputStream in, OutputStream out, LinkedBlockingQueue<Integer> sizes) throws IOException {
    while (true) {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      frame.write(first);
      frame.write(second);
      int code = second & 0x7f;
      byte[] rest =
          in.readNBytes((code == 126 ? 2 : code == 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0));
      frame.writeBytes(rest);
      ByteBuffer header = ByteBuffer.wrap(rest);
      int length =
          code == 126 ? header.getShort() & 0xffff : code == 127 ? (int) header.getLong() : code;
      frame.writeBytes(in.readNBytes(length));
      sizes.add(frame.size());
      out.write(frame.toByteArray());
    }
  }

  /** A frame of a server. */
  private static byte[] frame(int first, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(first);
    frame.write(payload.length);
    frame.writeBytes(payload);
    return frame.toByteArray();
  }
}
