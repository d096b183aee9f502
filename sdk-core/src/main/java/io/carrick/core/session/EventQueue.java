package io.carrick.core.session;

import java.util.ArrayDeque;

/**
 * What the messenger must be told of a session, in order. Serial section, but for {@link #tell}.
 */
final class EventQueue {

  private final Session session;
  private final SessionEvents events;
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private boolean telling;

  EventQueue(Session session, SessionEvents events) {
    this.session = session;
    this.events = events;
  }

  void add(Runnable note) {
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
      queue.add(() -> events.suspect(session, suspect));
    }
    if (!session.core.notices().isEmpty()) {
      Notices.Said said = session.core.notices().take();
      queue.add(() -> tellNotice(said));
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
