package io.carrick.transport.mqtt;

import io.carrick.testkit.Await;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands before a real broker, and does with the PUBLISH packets that it hands out what a test
 * says.
 */
final class EvilBroker implements AutoCloseable {

  private static final int PUBLISH = 3;

  /** What is handed out in place of a packet; called by one thread a client. */
  interface Trick {
    List<byte[]> instead(byte[] packet);
  }

  private final ServerSocket listening;
  private final int behind;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<OutputStream> clients = new CopyOnWriteArrayList<>();
  private final AtomicReference<Trick> trick = new AtomicReference<>(List::of);

  EvilBroker(Mosquitto broker) {
    try {
      behind = broker.port();
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run(this::accept);
  }

  String endpoint(String service) {
    return "mqtt://127.0.0.1:" + listening.getLocalPort() + "/" + service;
  }

  /** Does this from now on. */
  void does(Trick next) {
    trick.set(next);
  }

  /** Does this with the packets of connections, whose topics have the name of one. */
  void doesWithConnections(Trick next) {
    does(
        packet ->
            topicOf(packet).startsWith("carrick/v1/c/") ? next.instead(packet) : List.of(packet));
  }

  /** Hands a packet to every client, whomever it is for. */
  void giveToAll(byte[] packet) {
    for (OutputStream client : clients) {
      write(client, packet);
    }
  }

  static String topicOf(byte[] packet) {
    int at = 1;
    while (packet[at++] < 0) {
      // The length.
    }
    int length = (packet[at] & 0xff) << 8 | packet[at + 1] & 0xff;
    return new String(packet, at + 2, length, StandardCharsets.UTF_8);
  }

  /** The packet as a retained one. */
  static byte[] retained(byte[] packet) {
    byte[] other = packet.clone();
    other[0] |= 1;
    return other;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket broker = new Socket("127.0.0.1", behind);
        client.setTcpNoDelay(true);
        broker.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(broker);
        OutputStream toClient = client.getOutputStream();
        clients.add(toClient);
        run(() -> client.getInputStream().transferTo(broker.getOutputStream()), client, broker);
        run(() -> handOut(new DataInputStream(broker.getInputStream()), toClient), client, broker);
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  private void handOut(DataInputStream from, OutputStream to) throws IOException {
    while (true) {
      byte[] packet = read(from);
      boolean publish = (packet[0] >> 4 & 0xf) == PUBLISH;
      for (byte[] each : publish ? trick.get().instead(packet) : List.of(packet)) {
        write(to, each);
      }
    }
  }

  private static byte[] read(DataInputStream from) throws IOException {
    List<Byte> header = new ArrayList<>();
    header.add(from.readByte());
    int length = 0;
    byte next;
    do {
      next = from.readByte();
      length |= (next & 0x7f) << 7 * (header.size() - 1);
      header.add(next);
    } while (next < 0);
    byte[] packet = new byte[header.size() + length];
    for (int i = 0; i < header.size(); i++) {
      packet[i] = header.get(i);
    }
    from.readFully(packet, header.size(), length);
    return packet;
  }

  private static void write(OutputStream to, byte[] packet) {
    try {
      synchronized (to) {
        to.write(packet);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private void run(Work work, Socket... closed) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | UncheckedIOException e) {
                // The other side has gone.
              }
              for (Socket each : closed) {
                close(each);
              }
            },
            "evil-broker");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is not used any more.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    sockets.forEach(EvilBroker::close);
    Await.until("the listener is closed", listening::isClosed);
  }
}
