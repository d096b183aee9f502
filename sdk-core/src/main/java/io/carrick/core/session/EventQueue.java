package io.carrick.core.session;

import io.carrick.core.queue.Fifo;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.Section.Question;
import io.carrick.core.session.state.Notices;
import org.jspecify.annotations.Nullable;

/**
 * What the messenger must be told of a session, in order. Serial section, but for {@link #tell}.
 */
final class EventQueue {

  /** Notes that wait while the messenger is told of one before; then the oldest are left out. */
  static final int MOST_NOTES = 256;

  private static final Question<EventQueue, EventQueue, Runnable> TAKE =
      (core, queue, same) -> queue.take();

  private final Session session;
  private final Fifo<Runnable> queue = new Fifo<>();
  private boolean telling;

  /** The last note of all, until it is taken; made before there may be no memory for it. */
  private @Nullable Runnable end;

  private final Runnable tellEnd;

  /** One that was not told for want of memory. */
  private @Nullable Runnable again;

  EventQueue(Session session) {
    this.session = session;
    this.tellEnd = session::tellEnd;
  }

  void add(Runnable note) {
    if (queue.size() == MOST_NOTES) {
      queue.poll();
    }
    queue.add(note);
  }

  /** The session is over, which is told behind all else. */
  void ended() {
    end = tellEnd;
  }

  boolean isWaiting() {
    return !telling && (again != null || !queue.isEmpty() || end != null);
  }

  /** Whether the caller must call {@link #tell} when it has left the section. */
  boolean claim() {
    boolean claimed = isWaiting();
    telling |= claimed;
    return claimed;
  }

  /** Notes what the core has found. */
  void collect() {
    String suspect = session.core.takeSuspect();
    if (!suspect.isEmpty()) {
      add(() -> session.events.suspect(session, suspect));
    }
    // While others wait, what further NOTICEs say is merged into one note.
    if (queue.isEmpty() && !session.core.notices().isEmpty()) {
      Notices.Said said = session.core.notices().take();
      add(() -> tellNotice(said));
    }
  }

  private void tellNotice(Notices.Said said) {
    SessionEvents events = session.events;
    if (!said.endpoints().isEmpty()) {
      events.advertised(session, said.endpoints());
    }
    if (said.move()) {
      events.moveAsked(session);
    }
    if (said.draining()) {
      events.draining(session);
    }
    if (said.tokenWanted()) {
      session.renewing.asked();
    }
    if (!said.token().isEmpty()) {
      session.renewing.shown(said.token());
    }
  }

  /** One thread at a time tells the messenger, so that it hears all in order. */
  void tell() {
    Runnable note = null;
    try {
      for (note = next(); note != null; note = next()) {
        tell(note);
      }
    } catch (OutOfMemoryError e) {
      session.section.tellAgain(note);
      Contained.log(Failing.EVENT, e);
    }
  }

  private static void tell(Runnable note) {
    try {
      note.run();
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable t) {
      Contained.log(Failing.EVENT, t);
    }
  }

  /** There was no memory for what hears of it: it is told again, before all else. */
  void putBack(@Nullable Runnable note) {
    again = note == null ? again : note;
    telling = false;
  }

  private @Nullable Runnable next() {
    return session.section.ask(this, this, TAKE);
  }

  private @Nullable Runnable take() {
    telling = false;
    collect();
    Runnable note = again;
    again = null;
    if (note == null) {
      note = queue.poll();
    }
    if (note == null) {
      note = end;
      end = null;
    }
    telling = note != null;
    return note;
  }
}
