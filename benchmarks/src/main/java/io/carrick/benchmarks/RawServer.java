package io.carrick.benchmarks;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A thread for each connection. */
final class RawServer implements BenchmarkServer {

  private final Path socket;
  private final ServerSocketChannel listener;

  RawServer(Path socket) throws IOException {
    this.socket = socket;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    start("raw-accept", this::accept);
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        start("raw-serve", () -> serve(channel));
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  private static void serve(SocketChannel channel) {
    try (RawFrames frames = new RawFrames(channel)) {
      while (true) {
        frames.read();
        while (frames.next()) {
          if (frames.kind() == RawFrames.ECHO) {
            frames.append(RawFrames.ECHO, frames.body());
          } else {
            ByteBuffer query = frames.body();
            stream(frames, query.getInt(), query.getInt());
          }
        }
        frames.flush();
      }
    } catch (IOException e) {
      // The client has gone.
    }
  }

  private static void stream(RawFrames frames, int items, int itemBytes) throws IOException {
    byte[] item = new byte[itemBytes];
    for (int i = 0; i < items; i++) {
      frames.append(RawFrames.ITEM, item);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(socket);
  }
}
