package io.carrick.transport.unix;

import io.carrick.transport.support.FrameReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.LinkedList;

/** Frames with their prefixes that the socket has not taken yet. One thread at a time. */
final class Output {

  private final ChunkPool pool;

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final LinkedList<ByteBuffer> chunks = new LinkedList<>(); // All but the last are full.

  private int headWritten;
  private int held;

  Output(ChunkPool pool) {
    this.pool = pool;
  }

  /** The bytes that wait, prefixes included. */
  int held() {
    return held;
  }

  boolean isEmpty() {
    return held == 0;
  }

  /** Appends one frame; its position is then at its limit. */
  void append(ByteBuffer frame) {
    int length = frame.remaining();
    put(FrameReader.TAG);
    int rest = length;
    for (; rest > 0x7f; rest >>>= 7) {
      put((byte) (rest | 0x80));
    }
    put((byte) rest);
    held += length;
    while (length > 0) {
      ByteBuffer tail = tail();
      int part = Math.min(length, tail.remaining());
      int limit = frame.limit();
      tail.put(frame.limit(frame.position() + part));
      frame.limit(limit);
      length -= part;
    }
  }

  /** Writes once what the channel takes of it. */
  void writeTo(GatheringByteChannel channel) throws IOException {
    if (held == 0) {
      return;
    }
    ByteBuffer[] ready = new ByteBuffer[chunks.size()];
    int i = 0;
    for (ByteBuffer chunk : chunks) {
      ready[i] = chunk.duplicate().flip().position(i == 0 ? headWritten : 0);
      i++;
    }
    long written = ready.length == 1 ? channel.write(ready[0]) : channel.write(ready);
    held -= (int) written;
    headWritten += (int) written;
    while (!chunks.isEmpty() && headWritten >= chunks.element().position()) {
      headWritten -= chunks.element().position();
      pool.give(chunks.remove());
    }
  }

  /** Drops everything. */
  void clear() {
    chunks.forEach(pool::give);
    chunks.clear();
    headWritten = 0;
    held = 0;
  }

  private void put(byte b) {
    tail().put(b);
    held++;
  }

  private ByteBuffer tail() {
    ByteBuffer tail = chunks.peekLast();
    if (tail == null || !tail.hasRemaining()) {
      tail = pool.take();
      chunks.add(tail);
    }
    return tail;
  }
}
