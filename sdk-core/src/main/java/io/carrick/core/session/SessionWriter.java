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

  // Touched in the serial section only.
  private boolean writing;

  // Touched by the writer only.
  private final List<byte[]> unsequenced = new ArrayList<>(4);
  private ByteBuffer ring = ByteBuffer.allocate(0);
  private ByteBuffer window = ring;

  SessionWriter(Session session, SessionCore core) {
    this.session = session;
    this.core = core;
  }

  /** In the serial section: whether the caller is the writer now and must call {@link #run}. */
  boolean claim() {
    boolean due = isDue();
    writing |= due;
    return due;
  }

  /** In the serial section: whether there is something to write, and nobody writes. */
  boolean isDue() {
    Link to = session.link();
    return !writing && to != null && mayWrite(to) && (to.hasFirst() || core.mustWrite());
  }

  private boolean mayWrite(Link to) {
    return to.writable && core.attached() && core.ended() == null;
  }

  /** In the serial section: whether somebody writes. */
  boolean isBusy() {
    return writing;
  }

  /** In the serial section: whether the caller is the last writer, for good. */
  boolean seize() {
    boolean free = !writing && core.ended() == null;
    writing |= free;
    return free;
  }

  @SuppressWarnings("ReferenceEquality") // Another array, not other bytes.
  void run() {
    while (true) {
      session.lock.lock();
      long now = session.runtime.now();
      unsequenced.clear();
      int frames = 0;
      int offset = 0;
      Link to = session.link();
      if (to != null && mayWrite(to)) {
        byte[] first = to.takeFirst();
        if (first != null) {
          unsequenced.add(first);
        }
        core.out.ring.skipAcknowledged();
        core.out.schedule(now);
        frames = core.out.ring.unhanded();
        offset = core.out.ring.handOffset();
        core.unsequenced(unsequenced, frames > 0, now);
        if (core.out.ring.buffer() != ring) {
          ring = core.out.ring.buffer();
          window = ring.duplicate();
        }
      }
      if (to == null || (frames == 0 && unsequenced.isEmpty())) {
        writing = false;
        session.written(now);
        return;
      }
      final long events = to.writableEvents;
      session.lock.unlock();

      boolean more = writeUnsequenced(to.connection);
      int handed = more ? writeFrames(to.connection, offset, frames) : 0;
      to.connection.flush();

      session.lock.lock();
      // Where the session moved meanwhile, all of it goes again over the new connection.
      if (session.link() == to) {
        core.out.handed(Math.abs(handed));
        // A connection that became writable since the batch was taken may go on at once.
        if ((!more || handed < 0) && events == to.writableEvents) {
          to.writable = false;
        }
      }
      session.lock.unlock();
    }
  }

  private boolean writeUnsequenced(Connection connection) {
    boolean more = true;
    for (byte[] frame : unsequenced) {
      more &= connection.send(ByteBuffer.wrap(frame));
    }
    return more;
  }

  /** How many frames the connection took; negative if it wants no more for now. */
  private int writeFrames(Connection connection, int offset, int frames) {
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
