package io.carrick.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Frames of a length, a kind and a body on a blocking channel, gathered until they are flushed. One
 * thread at a time.
 */
final class RawFrames implements AutoCloseable {

  static final int ECHO = 0;
  static final int STREAM = 1;
  static final int ITEM = 2;

  private static final int HEADER_BYTES = 8;
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int WRITE_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
  private final ByteBuffer body = in.duplicate();
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private int kind;

  RawFrames(SocketChannel channel) {
    this.channel = channel;
  }

  /** Moves to the next frame of what was read; false if no whole one is left. */
  boolean next() {
    if (in.remaining() < HEADER_BYTES) {
      return false;
    }
    int start = in.position() + HEADER_BYTES;
    int length = in.getInt(in.position());
    if (in.limit() - start < length) {
      return false;
    }
    kind = in.getInt(in.position() + Integer.BYTES);
    body.clear().position(start).limit(start + length);
    in.position(start + length);
    return true;
  }

  /** The kind of the frame that {@link #next} found. */
  int kind() {
    return kind;
  }

  /** The body of the frame that {@link #next} found, until the next read. */
  ByteBuffer body() {
    return body;
  }

  /** Reads what is there, and waits until something is. */
  void read() throws IOException {
    in.compact();
    int n = channel.read(in);
    in.flip();
    if (n < 0) {
      throw new EOFException("the peer has closed the connection");
    }
  }

  void append(int frameKind, byte[] frameBody) throws IOException {
    header(frameKind, frameBody.length);
    out.put(frameBody);
  }

  void append(int frameKind, ByteBuffer frameBody) throws IOException {
    header(frameKind, frameBody.remaining());
    out.put(frameBody);
  }

  private void header(int frameKind, int length) throws IOException {
    if (out.position() > 0 && out.position() + HEADER_BYTES + length > WRITE_BYTES) {
      flush();
    }
    out.putInt(length).putInt(frameKind);
  }

  void flush() throws IOException {
    out.flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
    out.clear();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
