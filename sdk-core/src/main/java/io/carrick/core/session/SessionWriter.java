package io.carrick.core.session;

import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.Section.Leave;
import io.carrick.core.session.Section.Part;
import io.carrick.core.session.state.ReplayRing;
import io.carrick.core.session.state.SessionCore;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the session has due. One thread at a time is the writer: it takes a batch inside the
 * serial section and writes it outside, until nothing is left. Who finds a writer at work leaves. A
 * connection that throws is broken, and the session goes on over another one.
 */
final class SessionWriter {

  private static final Part<SessionWriter, SessionWriter> NEXT =
      (core, writer, same) -> writer.next();

  private static final CloseReason OVER = CloseReason.local("the session is over");

  private final Session session;
  private final SessionCore core;

  // Serial section only.
  private boolean writing;
  private byte @Nullable [] lastWords;
  private @Nullable Link last;

  // Touched by the writer only.
  private final List<byte[]> unsequenced = new ArrayList<>(4);
  private ByteBuffer ring = ByteBuffer.allocate(0);
  private ByteBuffer window = ring;
  private @Nullable Link to;
  private @Nullable Throwable thrown;
  private long events;
  private int offset;
  private int frames;
  private int handed;
  private boolean more;

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
    Link present = session.path.link();
    return !writing
        && present != null
        && mayWrite(present)
        && (present.hasFirst() || core.mustWrite());
  }

  private boolean mayWrite(Link link) {
    return link.writable && core.attached() && core.ended() == null;
  }

  /** In the serial section: what the peer is told as the session ends. */
  void say(byte[] words) {
    lastWords = words;
  }

  /** In the serial section: the session has ended, and this was its connection. */
  void end(@Nullable Link link) {
    last = link;
  }

  /** In the serial section: what the caller must {@link #farewell}; nothing while one writes. */
  @Nullable Link takeLast() {
    if (writing) {
      return null;
    }
    Link link = last;
    last = null;
    return link;
  }

  /** Tells the peer why the session is over, and closes the connection; throws nothing. */
  void farewell(Link link) {
    byte[] words = lastWords;
    try {
      if (words != null) {
        link.connection.send(ByteBuffer.wrap(words));
        link.connection.flush();
      }
    } catch (Throwable t) {
      Contained.log(Failing.NO_LAST_WORDS, t);
    }
    link.close(reason());
  }

  private CloseReason reason() {
    try {
      return CloseReason.local(session.over());
    } catch (Throwable t) {
      return OVER; // There is no memory to say more.
    }
  }

  /** Writes until nothing is left; where not here, others tell who is concerned. */
  void run(boolean here) {
    while (session.section.part(this, this, NEXT, here) == Leave.LATER) {
      Link link = to;
      try {
        if (link != null) {
          write(link.connection);
        }
      } catch (Throwable t) {
        thrown = t;
        Contained.log(Failing.SEND, t);
      }
    }
  }

  private Leave next() {
    boolean goesOn = false;
    try {
      long now = session.runtime.now();
      wrote(now);
      goesOn = take(now);
      if (!goesOn) {
        core.written(now);
      }
    } finally {
      writing = goesOn;
    }
    return goesOn ? Leave.LATER : Leave.TOLD;
  }

  /** What became of the batch before. */
  private void wrote(long now) {
    Link by = to;
    Throwable t = thrown;
    to = null;
    thrown = null;
    // Where the session moved meanwhile, all of it goes again over the new connection.
    if (by == null || session.path.link() != by) {
      return;
    }
    if (t != null) {
      core.breakPath("the connection failed to send: " + t, now);
      return;
    }
    core.out.handed(Math.abs(handed));
    // A connection that became writable since the batch was taken may go on at once.
    if ((!more || handed < 0) && events == by.writableEvents) {
      by.writable = false;
    }
  }

  /** Whether there is a batch to write. */
  @SuppressWarnings("ReferenceEquality") // Another array, not other bytes.
  private boolean take(long now) {
    unsequenced.clear();
    Link over = session.path.link();
    if (over == null || !mayWrite(over)) {
      return false;
    }
    core.out.ring.skipAcknowledged();
    core.out.schedule(now);
    frames = core.out.ring.unhanded();
    offset = core.out.ring.handOffset();
    try {
      byte[] first = over.takeFirst();
      if (first != null) {
        unsequenced.add(first);
      }
      core.unsequenced(unsequenced, frames > 0, now);
      if (core.out.ring.buffer() != ring) {
        ring = core.out.ring.buffer();
        window = ring.duplicate();
      }
    } catch (OutOfMemoryError e) {
      // What belongs to this connection alone is lost with it.
      core.breakPath("no memory to write with: " + e.getMessage(), now);
      return false;
    }
    if (frames == 0 && unsequenced.isEmpty()) {
      return false;
    }
    to = over;
    events = over.writableEvents;
    return true;
  }

  private void write(Connection connection) {
    more = writeUnsequenced(connection);
    handed = more ? writeFrames(connection) : 0;
    connection.flush();
  }

  private boolean writeUnsequenced(Connection connection) {
    boolean goesOn = true;
    for (byte[] frame : unsequenced) {
      goesOn &= connection.send(ByteBuffer.wrap(frame));
    }
    return goesOn;
  }

  /** How many frames the connection took; negative if it wants no more for now. */
  private int writeFrames(Connection connection) {
    int at = offset;
    for (int i = 1; i <= frames; i++) {
      // Also after a send that threw.
      window.clear();
      at = ReplayRing.skipWrap(window, at);
      int size = window.getInt(at);
      window.limit(at + Integer.BYTES + size).position(at + Integer.BYTES);
      at += Integer.BYTES + size;
      if (!connection.send(window)) {
        return -i;
      }
    }
    return frames;
  }
}
