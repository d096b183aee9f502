package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Transport;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class UnixWireTest {

  @TempDir Path directory;
  private final Unix unix = new Unix();
  private Path socket;

  @BeforeEach
  void listen() {
    socket = directory.resolve("x.sock");
    unix.listen(socket);
  }

  @AfterEach
  void close() {
    unix.close();
  }

  @Test
  void aFrameIsAFieldOfAPacket() throws Exception {
    try (SocketChannel client = Unix.raw(socket)) {
      Connection server = unix.nextAccepted();

      server.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      server.send(ByteBuffer.allocate(0));
      server.send(ByteBuffer.allocate(300));
      server.flush();

      ByteBuffer read = ByteBuffer.allocate(5 + 2 + 303);
      while (read.hasRemaining() && client.read(read) > 0) {}
      assertThat(read.flip().limit()).isEqualTo(310);
      assertThat(new byte[] {read.get(), read.get(), read.get()}).containsExactly(10, 3, 1);
      assertThat(new byte[] {read.get(5), read.get(6)}).containsExactly(10, 0);
      // 300 as a varint, least significant 7 bits first.
      assertThat(new byte[] {read.get(7), read.get(8), read.get(9)})
          .containsExactly(10, (byte) 0xac, 2);
    }
  }

  @Test
  void framesArriveWholeHoweverTheyAreCut() throws Exception {
    try (SocketChannel client = Unix.raw(socket)) {
      RecordingReceiver server = unix.nextReceiver();
      ByteBuffer stream = ByteBuffer.allocate(4 + 70 + 4 + 20_000);
      stream.put(new byte[] {10, 70}).put(filled(70, 1));
      stream.put(
          new byte[] {10, (byte) (20_000 & 0x7f | 0x80), (byte) (20_000 >> 7 & 0x7f | 0x80)});
      stream.put((byte) (20_000 >> 14)).put(filled(20_000, 2)).put(new byte[] {10, 0}).flip();

      for (int i = 0; i < 100; i++) {
        client.write(stream.slice(i, 1));
      }
      client.write(stream.position(100));

      assertThat(server.nextFrame()).isEqualTo(filled(70, 1));
      assertThat(server.nextFrame()).isEqualTo(filled(20_000, 2));
      assertThat(server.nextFrame()).isEmpty();
    }
  }

  @Test
  void anHttpRequestIsRecognised() throws Exception {
    CloseReason reason = sayAndHear("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.PROTOCOL);
    assertThat(reason.detail())
        .contains("peer does not speak Carrick")
        .contains("it began with \"GET / HTTP/1.1\\r\\nHost: localhost")
        .contains(socket.toString());
  }

  @Test
  void randomBytesCloseTheirOwnConnectionOnly() throws Exception {
    Random random = new Random(3);
    RecordingReceiver atClient = new RecordingReceiver();
    Connection good = unix.connect(socket);
    good.receive(atClient);
    RecordingReceiver atServer = unix.nextReceiver();

    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[1 + random.nextInt(200)];
      random.nextBytes(bytes);
      try (SocketChannel client = Unix.raw(socket)) {
        RecordingReceiver receiver = unix.nextReceiver();
        client.write(ByteBuffer.wrap(bytes));
        client.shutdownOutput();
        CloseReason reason = Await.result(receiver.closed());
        assertThat(reason.detail()).matches("\\p{ASCII}{20,400}");
      }
      good.send(ByteBuffer.wrap(new byte[] {(byte) i}));
      good.flush();
      assertThat(atServer.nextFrame()).containsExactly((byte) i);
    }
    assertThat(atServer.closed()).isNotDone();
  }

  @Test
  void aLengthAboveTheLargestFrameIsRefused() throws Exception {
    assertProtocol(new byte[] {10, (byte) 0x81, (byte) 0x80, 4}, "a frame of 65537 bytes");
    assertProtocol(new byte[] {10, -1, -1, -1, -1, 7}, "a frame of more than 65536 bytes");
  }

  @Test
  void aLengthInMoreBytesThanItNeedsIsRefused() throws Exception {
    assertProtocol(new byte[] {10, (byte) 0x81, 0}, "in more bytes than it needs");
  }

  @Test
  void whatFollowsGoodFramesIsShown() throws Exception {
    assertProtocol(new byte[] {10, 1, 7, 'x', '"'}, "after 1 frames, at \"x\\\"\"");
  }

  @Test
  void aTruncatedFrameIsTheNetworksDoing() throws Exception {
    try (SocketChannel client = Unix.raw(socket)) {
      RecordingReceiver receiver = unix.nextReceiver();
      client.write(ByteBuffer.wrap(new byte[] {10, 5, 1, 2}));
      client.shutdownOutput();

      CloseReason reason = Await.result(receiver.closed());

      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.NETWORK);
      assertThat(reason.detail()).contains("after 2 of the 5 bytes of a frame");
    }
  }

  @Test
  void aCallerThatIgnoresFalseLosesTheConnection() throws Exception {
    Connection client = unix.connect(socket);
    RecordingReceiver receiver = new RecordingReceiver();
    client.receive(receiver);
    ByteBuffer frame = ByteBuffer.allocate(Transport.MAX_FRAME_BYTES);

    for (int i = 0; i < 100; i++) {
      client.send(frame.clear());
    }

    CloseReason reason = Await.result(receiver.closed());
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.LOCAL);
    assertThat(reason.detail()).contains("although send said false; wait for onWritable");
  }

  @Test
  void lastWordsOfAPeerAreReadAlthoughItTakesNoMore() throws Exception {
    try (SocketChannel client = Unix.raw(socket)) {
      Connection server = unix.nextAccepted();
      client.write(ByteBuffer.wrap(new byte[] {10, 1, 42}));
      client.close();
      RecordingReceiver receiver = new RecordingReceiver();

      server.receive(receiver);
      server.send(ByteBuffer.wrap(new byte[] {1}));
      server.flush();

      assertThat(receiver.nextFrame()).containsExactly(42);
      assertThat(Await.result(receiver.closed()).kind()).isEqualTo(CloseReason.Kind.PEER);
    }
  }

  @Test
  void aReceiverThatThrowsLosesItsConnectionOnly() throws Exception {
    try (SocketChannel client = Unix.raw(socket);
        SocketChannel second = Unix.raw(socket)) {
      RecordingReceiver failing =
          new RecordingReceiver() {
            @Override
            protected void handle(ByteBuffer frame) {
              throw new IllegalStateException("on purpose");
            }
          };
      unix.nextAccepted().receive(failing);
      RecordingReceiver other = unix.nextReceiver();
      client.write(ByteBuffer.wrap(new byte[] {10, 1, 1}));

      assertThat(Await.result(failing.closed()).detail()).contains("on purpose");
      second.write(ByteBuffer.wrap(new byte[] {10, 1, 2}));
      assertThat(other.nextFrame()).containsExactly(2);
    }
  }

  private CloseReason sayAndHear(String text) throws Exception {
    return sayAndHear(text.getBytes(StandardCharsets.US_ASCII));
  }

  private CloseReason sayAndHear(byte[] bytes) throws Exception {
    try (SocketChannel client = Unix.raw(socket)) {
      RecordingReceiver receiver = unix.nextReceiver();
      client.write(ByteBuffer.wrap(bytes));
      CloseReason reason = Await.result(receiver.closed());
      assertThat(ends(client)).isTrue();
      return reason;
    }
  }

  private void assertProtocol(byte[] bytes, String detail) throws Exception {
    CloseReason reason = sayAndHear(bytes);
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.PROTOCOL);
    assertThat(reason.detail()).contains(detail);
  }

  private static boolean ends(SocketChannel client) {
    try {
      return client.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException e) {
      return true;
    }
  }

  private static byte[] filled(int size, int value) {
    byte[] bytes = new byte[size];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
