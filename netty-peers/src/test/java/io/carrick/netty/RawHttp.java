package io.carrick.netty;

import io.carrick.spi.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** A client of HTTP that is free to say anything. */
final class RawHttp implements AutoCloseable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  final Socket socket;

  RawHttp(Endpoint endpoint) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.uri().getPort());
    socket.setSoTimeout(30_000);
    socket.setTcpNoDelay(true);
  }

  /** Says what a client of HTTP/2 begins with. */
  RawHttp begin() throws IOException {
    say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    write(frame(SETTINGS, 0, 0, new byte[0]));
    return this;
  }

  RawHttp say(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Reads until what came ends so. */
  String readTo(String end) throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (text.indexOf(end, Math.max(0, text.length() - end.length())) < 0) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("it ended before \"" + end + "\": " + text);
      }
      text.append((char) octet);
    }
    return text.toString();
  }

  /** Reads until the server closes. */
  String readToEnd() throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int octet; (octet = in.read()) >= 0; ) {
        text.append((char) octet);
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return text.toString(); // A reset is an end, too.
    }
    return text.toString();
  }

  /** Writes so often, or until the server closes, which it has to do. */
  void writeToEnd(IntFunction<byte[]> round, int rounds) throws IOException {
    try {
      for (int i = 0; i < rounds; i++) {
        write(round.apply(i));
      }
    } catch (IOException e) {
      return;
    }
    readToEnd();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    return frame.array();
  }

  /** The headers of a request, none of them compressed (RFC 7541, 6.2.2). */
  static byte[] headers(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    List.of(
            Map.entry(":method", "POST"),
            Map.entry(":scheme", "http"),
            Map.entry(":path", path),
            Map.entry(":authority", "localhost"))
        .forEach(
            header -> {
              block.write(0);
              literal(block, header.getKey());
              literal(block, header.getValue());
            });
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    block.write(text.length());
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }
}
