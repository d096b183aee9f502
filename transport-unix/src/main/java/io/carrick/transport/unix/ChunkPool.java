package io.carrick.transport.unix;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers for what is on its way out, so that an idle connection holds none. Thread-safe.
 */
final class ChunkPool {

  static final int CHUNK_BYTES = 16 * 1024;

  /** What is kept for later: 2 MiB. */
  private static final int MAX_IDLE = 128;

  private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>(MAX_IDLE);
  private final Object lock = new Object();

  ByteBuffer take() {
    synchronized (lock) {
      ByteBuffer chunk = idle.poll();
      if (chunk != null) {
        return chunk;
      }
    }
    return ByteBuffer.allocateDirect(CHUNK_BYTES);
  }

  void give(ByteBuffer chunk) {
    chunk.clear();
    synchronized (lock) {
      if (idle.size() < MAX_IDLE) {
        idle.push(chunk);
      }
    }
  }
}
