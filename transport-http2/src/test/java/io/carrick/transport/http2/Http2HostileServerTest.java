package io.carrick.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What servers that mean ill get of a client. */
@Timeout(60)
final class Http2HostileServerTest {

  private static final int PREFACE_BYTES = 24;
  private static final int FRAME_HEADER_BYTES = 9;
  private static final int GOAWAY = 7;

  /** The first stream of OkHttp. */
  private static final int CALL = 3;

  // In the static table of RFC 7541, appendix A.
  private static final byte STATUS_200 = (byte) 0x88;
  private static final byte ACCEPT_ENCODING = (byte) 0x90;

  /** More than any of these floods may bring before it is cut off. */
  private static final long FLOOD_BYTES = 16L << 20;

  private final Link link = new Link();

  @AfterEach
  void close() {
    link.close();
  }

  @Test
  void t9_headersWithoutEndEndTheConnect() throws Exception {
    byte[] first = RawHttp2.frame(RawHttp2.HEADERS, 0, CALL, new byte[] {STATUS_200});
    byte[] more = RawHttp2.frame(RawHttp2.CONTINUATION, 0, CALL, indexed(16_000));

    assertThat(failureAfter(first, more)).hasMessageContaining("header");
  }

  @Test
  void t9_interimAnswersWithoutEndEndTheConnect() throws Exception {
    byte[] interim =
        RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, CALL, literal(":status", "103"));

    assertThat(failureAfter(new byte[0], interim))
        .hasMessageContaining("more than 524288 bytes came, and no answer to the call");
  }

  @Test
  void t9_pingsBeforeTheAnswerEndTheConnect() throws Exception {
    byte[] ping = RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]);

    assertThat(failureAfter(new byte[0], ping)).hasMessageContaining("no answer to the call");
  }

  @Test
  void aServerThatGoesAwayAtOnceIsNobodyThere() throws Exception {
    byte[] goAway = RawHttp2.frame(GOAWAY, 0, 0, new byte[8]);

    assertThat(failureAfter(goAway, new byte[0])).isInstanceOf(ConnectException.class);
  }

  private Throwable failureAfter(byte[] first, byte[] again) throws IOException {
    try (Server server = new Server(first, again)) {
      Throwable failure = link.failureToConnect(server.endpoint());

      assertThat(server.written()).isLessThan(FLOOD_BYTES);
      return failure;
    }
  }

  /** So many fields of one byte each. */
  private static byte[] indexed(int fields) {
    byte[] block = new byte[fields];
    Arrays.fill(block, ACCEPT_ENCODING);
    return block;
  }

  private static byte[] literal(String name, String value) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0);
    for (String text : new String[] {name, value}) {
      block.write(text.length());
      block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
    return block.toByteArray();
  }

  /** Takes one client, says one thing, and another one again and again. */
  private static final class Server implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final CompletableFuture<Long> written;

    Server(byte[] first, byte[] again) throws IOException {
      written =
          CompletableFuture.supplyAsync(
              () -> serve(first, again), task -> new Thread(task, "hostile").start());
    }

    String endpoint() {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }

    long written() {
      return Await.result(written);
    }

    private long serve(byte[] first, byte[] again) {
      long total = 0;
      try (Socket client = socket.accept()) {
        InputStream in = client.getInputStream();
        OutputStream out = client.getOutputStream();
        in.readNBytes(PREFACE_BYTES);
        out.write(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
        for (int type = -1; type != RawHttp2.HEADERS; ) { // Until the call has come.
          byte[] header = in.readNBytes(FRAME_HEADER_BYTES);
          type = header[3];
          in.readNBytes((header[0] & 255) << 16 | (header[1] & 255) << 8 | header[2] & 255);
        }
        out.write(first);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        while (again.length > 0 && many.size() < 16_000) {
          many.writeBytes(again);
        }
        while (again.length > 0 && total < FLOOD_BYTES) {
          out.write(many.toByteArray());
          total += many.size();
        }
        in.readAllBytes();
        return total;
      } catch (IOException e) {
        return total; // The client has closed.
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
