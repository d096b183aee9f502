package io.carrick.core.session;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.run.BatchingExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.Section.Leave;
import io.carrick.core.session.Section.Part;
import io.carrick.core.session.Section.Question;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.FreeFrames;
import io.carrick.core.session.state.Rule;
import io.carrick.core.session.state.SessionCore;
import io.carrick.core.session.state.ViolationException;
import io.carrick.spi.CloseReason;
import io.carrick.spi.PollableConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a session reads: frames are handled in place, in the serial section, and the owners of the
 * exchanges that they change are called once for each batch. All but {@link #read} belongs to the
 * thread that reads the connection.
 */
final class Reading {

  private static final int MAX_TOLD = 256;

  private final Session session;
  private final Part<Link, FrameParser> takes = (core, from, frame) -> take(from, frame);
  private final Question<Link, Link, List<Exchange>> ends = (core, from, same) -> end(from);

  // Serial section only.
  private final CallerReads callerReads = new CallerReads();

  /** The connection whose thread tells what the peer opened, until its batch has ended. */
  private @Nullable Link opener;

  /** What came over another one meanwhile: it was opened later, so it is told later. */
  private List<Exchange> behind = new ArrayList<>();

  Reading(Session session) {
    this.session = session;
  }

  /** See {@link Exchanges#read}. */
  boolean read(Exchange x) {
    Link from;
    long nanos;
    session.section.lock.lock();
    try {
      from = session.path.link();
      nanos =
          callerReads.allow(
              x.id,
              session.core.lastMine(),
              session.core.lastTheirs(),
              session.core.livingCount(),
              session.runtime.now());
    } finally {
      session.section.lock.unlock();
    }
    if (from == null || !(from.connection instanceof PollableConnection connection)) {
      return false;
    }
    if (nanos > 0) {
      from.callersRead = true;
      if (connection.poll(Duration.ofNanos(nanos))) {
        return true;
      }
      session.section.lock.lock();
      try {
        callerReads.setBack();
      } finally {
        session.section.lock.unlock();
      }
    }
    if (from.callersRead) {
      from.callersRead = false;
      connection.poll(Duration.ZERO);
    }
    return false;
  }

  void onFrame(Link from, FrameParser frame, int size) {
    from.frameBytes = size;
    if (session.section.part(from, frame, takes) != Leave.LATER) {
      tellRead(from);
    }
    if (from.stale > FreeFrames.MOST_TOGETHER) {
      from.close(CloseReason.protocol("too many frames on a connection that does not count"));
    }
    Link old = from.replaced;
    if (old != null) {
      from.replaced = null;
      old.close(Link.MOVED);
    }
    String violation = from.violation;
    if (violation != null) {
      from.violation = null;
      session.faults.violated(violation);
    }
  }

  private Leave take(Link from, FrameParser frame) {
    SessionCore core = session.core;
    if ((from != session.path.link() && core.has(Rule.FENCE))
        || !core.attached()
        || core.ended() != null) {
      // R7: another connection counts now.
      from.stale++;
      return Leave.LATER;
    }
    if (!from.reading) {
      from.reading = true;
      from.readAt = session.runtime.now();
      opener = opener == null ? from : opener;
    }
    Binding binding = session.binding();
    if (!from.confirmed && binding != null && frame.type().ofSession()) {
      from.confirmed = true;
      binding.confirmed();
      from.replaced = from.takeBefore();
    }
    try {
      core.onFrame(frame, from.frameBytes, from.readAt);
    } catch (ViolationException | MalformedFrameException e) {
      from.violation = String.valueOf(e.getMessage());
    }
    collect(from);
    boolean goesOn = core.ended() == null && core.attached() && from.told.size() < MAX_TOLD;
    return goesOn ? Leave.LATER : Leave.WRITTEN;
  }

  /** Keeps what frames made ready until the batch is read, since one wake-up then does for many. */
  private void collect(Link from) {
    List<Exchange> told = from.told;
    for (Exchange x = session.core.firstReady(); x != null; x = session.core.firstReady()) {
      if (x.owner == null) {
        (opener == from ? told : behind).add(x);
      } else if (told.isEmpty() || !Objects.equals(told.get(told.size() - 1), x)) {
        told.add(x);
      }
      session.core.removeFirstReady();
    }
  }

  private void tellRead(Link from) {
    tellRead(from.told);
  }

  private void tellRead(List<Exchange> told) {
    if (told.isEmpty()) {
      return;
    }
    BatchingExecutor executor = session.runtime.handlerExecutor();
    boolean together = beginTogether(executor);
    try {
      for (int i = 0; i < told.size(); i++) {
        session.exchanges().tellReady(told.get(i));
      }
    } finally {
      told.clear();
      if (together) {
        endTogether(executor);
      }
    }
  }

  /** False where each task is handed over by itself. */
  private static boolean beginTogether(BatchingExecutor executor) {
    try {
      executor.begin();
      return true;
    } catch (Throwable t) {
      Contained.log(Failing.HANDED_ONE_BY_ONE, t);
      return false;
    }
  }

  private static void endTogether(BatchingExecutor executor) {
    try {
      executor.end();
    } catch (Throwable t) {
      Contained.log(Failing.NOT_HANDED, t);
    }
  }

  /** Bytes that are no frame; on the reading thread. */
  void malformed(Link from, String rule) {
    tellRead(from);
    boolean counts;
    session.section.lock.lock();
    try {
      counts = from == session.path.link();
    } finally {
      session.section.lock.unlock();
    }
    if (counts) {
      session.faults.violated(rule);
    }
  }

  void onBatchEnd(Link from) {
    try {
      tellRead(from);
    } finally {
      for (List<Exchange> more = ended(from); more != null; more = ended(from)) {
        tellRead(more);
      }
    }
  }

  private @Nullable List<Exchange> ended(Link from) {
    return session.section.ask(from, from, ends);
  }

  /** The batch has ended, unless others were opened behind what it told. */
  private @Nullable List<Exchange> end(Link from) {
    if (opener == from && !behind.isEmpty()) {
      List<Exchange> more = behind;
      behind = new ArrayList<>();
      return more;
    }
    opener = opener == from ? null : opener;
    from.reading = false;
    return null;
  }

  void onWritable(Link from) {
    session.section.turn(
        () -> {
          from.writableEvents++;
          from.writable = true;
        });
  }

  /**
   * A connection has closed; on its reading thread.
   *
   * @param refused whether the other side said that it cannot take what was sent
   */
  void closed(Link from, String message, boolean refused) {
    onBatchEnd(from);
    session.section.turn(
        () -> {
          if (from == session.path.link() && refused) {
            session.core.refusePath(message, session.runtime.now());
          } else if (from == session.path.link()) {
            session.core.breakPath(message, session.runtime.now());
          }
        });
  }
}
