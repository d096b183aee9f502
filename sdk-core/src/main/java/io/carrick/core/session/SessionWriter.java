package io.carrick.core.session;

import io.carrick.spi.Connection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what the session has due. One thread at a time is the writer: it takes a batch inside the
 * serial section and writes it outside, until nothing is left. Who finds a writer at work leaves.
 */
final class SessionWriter {

  private final Session session;
  private final SessionCore core;
  private final Connection connection;

  // Touched in the serial section only.
  private boolean writing;
  private boolean writable = true;
  private long writableEvents;

  // Touched by the writer only.
  private final List<byte[]> unsequenced = new ArrayList<>(4);
  private ByteBuffer ring = ByteBuffer.allocate(0);
  private ByteBuffer window = ring;

  SessionWriter(Session session, SessionCore core, Connection connection) {
    this.session = session;
    this.core = core;
    this.connection = connection;
  }

  /** In the serial section: whether the caller is the writer now and must call {@link #run}. */
  boolean claim() {
    boolean due = isDue();
    writing |= due;
    return due;
  }

  /** In the serial section: whether there is something to write, and nobody writes. */
  boolean isDue() {
    return !writing && writable && core.ended() == null && core.mustWrite();
  }

  /** In the serial section: whether the caller is the last writer, for good. */
  boolean seize() {
    boolean free = !writing && core.ended() == null;
    writing |= free;
    return free;
  }

  void writable() {
    writableEvents++;
    writable = true;
  }

  @SuppressWarnings("ReferenceEquality") // Another array, not other bytes.
  void run() {
    while (true) {
      session.lock.lock();
      long now = session.runtime.now();
      unsequenced.clear();
      int frames = 0;
      int offset = 0;
      if (writable && core.ended() == null) {
        core.out.schedule(now);
        frames = core.out.ring.unhanded();
        offset = core.out.ring.handOffset();
        core.unsequenced(unsequenced, frames > 0, now);
        if (core.out.ring.buffer() != ring) {
          ring = core.out.ring.buffer();
          window = ring.duplicate();
        }
      }
      if (frames == 0 && unsequenced.isEmpty()) {
        writing = false;
        session.written(now);
        return;
      }
      final long events = writableEvents;
      session.lock.unlock();

      boolean more = writeUnsequenced();
      int handed = more ? writeFrames(offset, frames) : 0;
      connection.flush();

      session.lock.lock();
      core.out.ring.handed(Math.abs(handed));
      // A connection that became writable since the batch was taken may go on at once.
      if ((!more || handed < 0) && events == writableEvents) {
        writable = false;
      }
      session.lock.unlock();
    }
  }

  private boolean writeUnsequenced() {
    boolean more = true;
    for (byte[] frame : unsequenced) {
      more &= connection.send(ByteBuffer.wrap(frame));
    }
    return more;
  }

  /** How many frames the connection took; negative if it wants no more for now. */
  private int writeFrames(int offset, int frames) {
    int at = offset;
    for (int i = 1; i <= frames; i++) {
      at = ReplayRing.skipWrap(window, at);
      int size = window.getInt(at);
      window.limit(at + Integer.BYTES + size).position(at + Integer.BYTES);
      at += Integer.BYTES + size;
      boolean more = connection.send(window);
      window.limit(window.capacity());
      if (!more) {
        return -i;
      }
    }
    return frames;
  }
}
