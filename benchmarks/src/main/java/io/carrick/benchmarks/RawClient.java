package io.carrick.benchmarks;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The caller itself reads the socket. */
final class RawClient implements BenchmarkClient {

  private final RawFrames frames;

  RawClient(Path socket) throws IOException {
    frames = new RawFrames(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  @Override
  public void call(byte[] body) throws IOException {
    frames.append(RawFrames.ECHO, body);
    frames.flush();
    do {
      frames.read();
    } while (!frames.next());
    check(body.length);
  }

  @Override
  public long pipeline(byte[] body, int inFlight, long nanos) throws IOException {
    long end = System.nanoTime() + nanos;
    long answered = 0;
    int open = 0;
    for (; open < inFlight; open++) {
      frames.append(RawFrames.ECHO, body);
    }
    while (open > 0) {
      frames.flush();
      frames.read();
      boolean more = System.nanoTime() - end < 0;
      while (frames.next()) {
        check(body.length);
        answered++;
        if (more) {
          frames.append(RawFrames.ECHO, body);
        } else {
          open--;
        }
      }
    }
    return answered;
  }

  @Override
  public void stream(int items, int itemBytes) throws IOException {
    frames.append(
        RawFrames.STREAM,
        ByteBuffer.allocate(2 * Integer.BYTES).putInt(items).putInt(itemBytes).flip());
    frames.flush();
    for (int taken = 0; taken < items; ) {
      frames.read();
      while (frames.next()) {
        check(itemBytes);
        taken++;
      }
    }
  }

  private void check(int bytes) {
    if (frames.body().remaining() != bytes) {
      throw new IllegalStateException(
          "got " + frames.body().remaining() + " bytes instead of " + bytes);
    }
  }

  @Override
  public void close() throws IOException {
    frames.close();
  }
}
