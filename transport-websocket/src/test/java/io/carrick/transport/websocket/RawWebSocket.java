package io.carrick.transport.websocket;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client of WebSocket that is free to say anything. */
final class RawWebSocket implements AutoCloseable {

  static final int FIN = 0x80;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;

  static final String PROTOCOL = "Sec-WebSocket-Protocol: carrick.v1\r\n";
  static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
  static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  /** What came. */
  record Frame(int first, byte[] payload) {

    int code() {
      return ByteBuffer.wrap(payload).getShort();
    }

    String reason() {
      return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }
  }

  private final Socket socket;
  private final DataInputStream in;

  RawWebSocket(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Asks for a session in order, and takes the answer. */
  RawWebSocket begin() throws IOException {
    String answer = ask("GET", PROTOCOL + VERSION + KEY + "Host: localhost\r\n");
    if (!answer.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(answer);
    }
    return this;
  }

  /** Asks with these headers; the head of the answer. */
  String ask(String method, String headers) throws IOException {
    write(
        (method
                + " /v1/session HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + headers
                + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    return head();
  }

  private String head() throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      text.append((char) in.readUnsignedByte());
    }
    return text.toString();
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** The next frame. */
  Frame read() throws IOException {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    length = length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
    return new Frame(first, in.readNBytes(length));
  }

  /** Reads until the other side closes; the frame by which it did, and null for none. */
  Frame readToClose() throws IOException {
    Frame close = null;
    try {
      for (Frame each = read(); ; each = read()) {
        close = each.first() == (FIN | CLOSE) ? each : close;
      }
    } catch (EOFException e) {
      return close;
    }
  }

  /** How many bytes come until the other side closes. */
  long readToEnd() {
    long count = 0;
    byte[] part = new byte[4_096];
    try {
      for (int n; (n = in.read(part)) >= 0; ) {
        count += n;
      }
    } catch (IOException e) {
      return count; // A reset is an end, too.
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** A frame of a client. */
  static byte[] frame(int first, byte... payload) {
    return frame(first, payload.length, payload);
  }

  /** One that says to have so many bytes. */
  static byte[] frame(int first, long length, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) first);
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    byte[] mask = {1, 2, 3, 4};
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i & 3]));
    }
    byte[] bytes = new byte[frame.flip().remaining()];
    frame.get(bytes);
    return bytes;
  }

  /** A Packet with one frame of a session. */
  static byte[] packet(byte... frame) {
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(0x0a);
    int rest = frame.length;
    for (; rest > 0x7f; rest >>>= 7) {
      packet.write(rest | 0x80);
    }
    packet.write(rest);
    packet.writeBytes(frame);
    return packet.toByteArray();
  }
}
