package io.carrick.core.session;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.spi.CloseReason;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a session reads: frames are handled in place, in the serial section, and the owners of the
 * exchanges that they change are called once for each batch. All but {@link #read} belongs to the
 * thread that reads the connection.
 */
final class Reading {

  private static final CloseReason MOVED = CloseReason.local("the session moved");
  private static final int MAX_TOLD = 256;

  private final Session session;
  private final CallerReads callerReads = new CallerReads(); // Serial section only.

  Reading(Session session) {
    this.session = session;
  }

  /** See {@link Session#read}. */
  boolean read(Exchange x) {
    session.lock.lock();
    Link from = session.link();
    long nanos =
        callerReads.allow(
            x.id,
            session.core.lastMine(),
            session.core.lastTheirs(),
            session.core.livingCount(),
            session.runtime.now());
    session.lock.unlock();
    if (from == null) {
      return false;
    }
    if (nanos > 0) {
      from.callersRead = true;
      if (from.connection.poll(Duration.ofNanos(nanos))) {
        return true;
      }
      session.lock.lock();
      callerReads.setBack();
      session.lock.unlock();
    }
    if (from.callersRead) {
      from.callersRead = false;
      from.connection.poll(Duration.ZERO);
    }
    return false;
  }

  void onFrame(Link from, FrameParser frame, int size) {
    String violation = null;
    Link old = null;
    Binding binding = session.binding();
    session.lock.lock();
    if ((from != session.link() && session.core.has(Rule.FENCE))
        || !session.core.attached()
        || session.core.ended() != null) {
      // R7: another connection counts now.
      session.lock.unlock();
      if (++from.stale > FreeFrames.MOST_TOGETHER) {
        from.close(CloseReason.protocol("too many frames on a connection that does not count"));
      }
      return;
    }
    if (!from.reading) {
      from.reading = true;
      from.readAt = session.runtime.now();
    }
    if (!from.confirmed && binding != null && frame.type().ofSession()) {
      from.confirmed = true;
      binding.confirmed();
      old = from.takeBefore();
    }
    try {
      session.core.onFrame(frame, size, from.readAt);
    } catch (ViolationException | MalformedFrameException e) {
      violation = e.getMessage();
    } catch (RuntimeException e) {
      // A fault of ours must not leave the lock held: the session ends instead.
      violation = frame.type() + " could not be handled: " + e;
    }
    collect(from, session.core.takeReady());
    if (session.core.ended() == null && session.core.attached() && from.told.size() < MAX_TOLD) {
      session.lock.unlock();
    } else {
      session.leave();
      tellRead(from);
    }
    if (old != null) {
      old.close(MOVED);
    }
    if (violation != null) {
      session.violated(violation);
    }
  }

  /** Keeps what frames made ready until the batch is read, since one wake-up then does for many. */
  private static void collect(Link from, @Nullable Exchange first) {
    for (Exchange x = first; x != null; x = x.nextReady) {
      x.readyQueued = false;
      if (x.owner == null || !Objects.equals(from.told.peekLast(), x)) {
        from.told.add(x);
      }
    }
  }

  private void tellRead(Link from) {
    Exchange x = from.told.poll();
    if (x == null) {
      return;
    }
    session.runtime.handlerExecutor().begin();
    try {
      for (; x != null; x = from.told.poll()) {
        session.tellReady(x);
      }
    } finally {
      session.runtime.handlerExecutor().end();
    }
  }

  /** Bytes that are no frame; on the reading thread. */
  void malformed(Link from, String rule) {
    tellRead(from);
    session.lock.lock();
    boolean counts = from == session.link();
    session.lock.unlock();
    if (counts) {
      session.violated(rule);
    }
  }

  void onBatchEnd(Link from) {
    tellRead(from);
    session.lock.lock();
    from.reading = false;
    session.leave();
  }

  void onWritable(Link from) {
    session.lock.lock();
    from.writableEvents++;
    from.writable = true;
    session.leave();
  }

  /** A connection has closed; on its reading thread. */
  void closed(Link from, String message) {
    tellRead(from);
    session.lock.lock();
    if (from == session.link()) {
      session.core.breakPath(message, session.runtime.now());
    }
    session.leave();
  }
}
