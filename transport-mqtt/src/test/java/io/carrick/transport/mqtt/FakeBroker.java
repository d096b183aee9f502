package io.carrick.transport.mqtt;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Says one thing to everybody: to a CONNECT, or at once. */
final class FakeBroker implements AutoCloseable {

  private final ServerSocket listening;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Answers each first packet with these bytes, and then says nothing. */
  FakeBroker(int... answer) {
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(() -> accept(answer), "fake-broker");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept(int[] answer) {
    byte[] bytes = new byte[answer.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) answer[i];
    }
    try {
      while (true) {
        Socket socket = listening.accept();
        sockets.add(socket);
        if (bytes.length == 0) {
          socket.close();
        } else {
          DataInputStream in = new DataInputStream(socket.getInputStream());
          in.skipNBytes(1);
          in.skipNBytes(in.readUnsignedByte()); // A CONNECT of less than 128 bytes, or its start.
          socket.getOutputStream().write(bytes);
        }
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  String endpoint() {
    return "mqtt://127.0.0.1:" + listening.getLocalPort() + "/s";
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : sockets) {
      each.close();
    }
  }
}
