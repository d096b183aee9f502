package io.carrick.integration;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a service of WebSocket, and closes what sends a frame that is too large for it. */
final class Gateway implements AutoCloseable {

  private final ServerSocket listening;
  private final int port;
  private final int most;
  private final AtomicInteger connections = new AtomicInteger();

  Gateway(int port, int most) throws IOException {
    this.port = port;
    this.most = most;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  String endpoint() {
    return "ws://127.0.0.1:" + listening.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "gateway");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        connections.incrementAndGet();
        start(() -> serve(client));
      }
    } catch (IOException e) {
      return; // It is closed.
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket service = new Socket(InetAddress.getLoopbackAddress(), port)) {
      start(() -> handOn(service, client));
      DataInputStream in = new DataInputStream(client.getInputStream());
      OutputStream out = service.getOutputStream();
      int end = 0;
      while (end < 4) { // The request, to its empty line.
        int octet = in.readUnsignedByte();
        out.write(octet);
        end = octet == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : 0;
      }
      while (frame(in, out)) {}
      ByteArrayOutputStream close = new ByteArrayOutputStream();
      byte[] why = "frame too large".getBytes(StandardCharsets.US_ASCII);
      close.writeBytes(new byte[] {(byte) 0x88, (byte) (2 + why.length), 0x03, (byte) 0xf1});
      close.writeBytes(why);
      client.getOutputStream().write(close.toByteArray());
      client.shutdownOutput();
      in.skip(Long.MAX_VALUE);
    } catch (IOException e) {
      return; // One side has closed.
    }
  }

  /** Hands a frame of the client on; false for one that is too large. */
  private boolean frame(DataInputStream in, OutputStream out) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(in.readUnsignedByte());
    int code = in.readUnsignedByte() & 0x7f;
    frame.write(0x80 | code);
    byte[] rest = in.readNBytes((code == 126 ? 2 : code == 127 ? 8 : 0) + 4);
    ByteBuffer header = ByteBuffer.wrap(rest);
    long length = code == 126 ? header.getShort() & 0xffff : code == 127 ? header.getLong() : code;
    if (length > most) {
      return false;
    }
    frame.writeBytes(rest);
    frame.writeBytes(in.readNBytes((int) length));
    out.write(frame.toByteArray());
    return true;
  }

  private static void handOn(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      in.transferTo(to.getOutputStream());
      to.close();
    } catch (IOException e) {
      return; // One side has closed.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
