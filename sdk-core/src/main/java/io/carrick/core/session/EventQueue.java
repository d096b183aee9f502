package io.carrick.core.session;

import java.util.ArrayDeque;

/**
 * What the messenger must be told of a session, in order. Serial section, but for {@link #tell}.
 */
final class EventQueue {

  /** Notes that wait while the messenger is told of one before; then the oldest are left out. */
  static final int MOST_NOTES = 256;

  private final Session session;
  private final SessionEvents events;
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private boolean telling;

  EventQueue(Session session, SessionEvents events) {
    this.session = session;
    this.events = events;
  }

  void add(Runnable note) {
    if (queue.size() == MOST_NOTES) {
      queue.remove();
    }
    queue.add(note);
  }

  /** Whether the caller must call {@link #tell} when it has left the section. */
  boolean claim() {
    boolean claimed = !queue.isEmpty() && !telling;
    telling |= claimed;
    return claimed;
  }

  /** Notes what the core has found. */
  void collect() {
    String suspect = session.core.takeSuspect();
    if (!suspect.isEmpty()) {
      add(() -> events.suspect(session, suspect));
    }
    // While others wait, what further NOTICEs say is merged into one note.
    if (queue.isEmpty() && !session.core.notices().isEmpty()) {
      Notices.Said said = session.core.notices().take();
      add(() -> tellNotice(said));
    }
  }

  private void tellNotice(Notices.Said said) {
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
    while (true) {
      session.lock.lock();
      collect();
      Runnable note = queue.poll();
      telling = note != null;
      session.lock.unlock();
      if (note == null) {
        return;
      }
      note.run();
    }
  }
}
