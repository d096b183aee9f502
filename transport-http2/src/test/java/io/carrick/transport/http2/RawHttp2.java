package io.carrick.transport.http2;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A client of HTTP/2 (RFC 9113) that is free to say anything. */
final class RawHttp2 implements AutoCloseable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_HEADERS = 4;

  private final Socket socket;

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
  }

  /** Says what a client begins with. */
  void begin() throws IOException {
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    write(frame(SETTINGS, 0, 0, new byte[0]));
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads until the server closes; how many bytes came. */
  long readToEnd() throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[8192];
    long total = 0;
    try {
      for (int n; (n = in.read(buffer)) >= 0; ) {
        total += n;
      }
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return total; // A reset is an end, too.
    }
    return total;
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

  /**
   * The headers of a call to a method of the service, none of them compressed (RFC 7541, 6.2.2).
   */
  static byte[] headers(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    List.of(
            Map.entry(":method", "POST"),
            Map.entry(":scheme", "http"),
            Map.entry(":path", path),
            Map.entry(":authority", "localhost"),
            Map.entry("content-type", SessionCall.CONTENT_TYPE),
            Map.entry("x", "y"))
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
