package io.carrick.core.session;

import java.util.Collection;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a messenger in the order in which the timer looks at them, so that a round costs
 * what is due and not what is there. Any thread may say that one has changed, which allocates
 * nothing; the order belongs to the timer. A session that wants to be looked at later than it
 * stands here for stays in its place until then: most do with every message.
 */
final class TimerQueue {

  /**
   * When the timer tries a session again in which another thread was, or that wants it again at
   * once: none keeps the timer from the others.
   */
  private static final long AGAIN_NANOS = 1_000_000L;

  private static final Comparator<TimerEntry> ORDER =
      (a, b) -> {
        long later = a.dueAt() - b.dueAt();
        return later != 0 ? Long.signum(later) : Long.compare(a.session.place, b.session.place);
      };

  private final Collection<Session> sessions;

  /** The last of those that have changed; each knows the one before. */
  private final AtomicReference<@Nullable TimerEntry> changed = new AtomicReference<>();

  // The timer's.
  private final TreeSet<TimerEntry> order = new TreeSet<>(ORDER);

  /** Those of {@code sessions}, which others add and remove. */
  TimerQueue(Collection<Session> sessions) {
    this.sessions = sessions;
  }

  /** The session came, went, or has to be looked at earlier. */
  void changed(TimerEntry entry) {
    if (!entry.change()) {
      return;
    }
    TimerEntry before;
    do {
      before = changed.get();
      entry.behind(before);
    } while (!changed.compareAndSet(before, entry));
  }

  /**
   * For the timer: ticks those that are due. When the next one is, but not after {@code latest}; at
   * once where others have changed meanwhile.
   */
  long round(long now, long latest) {
    boolean whole = false;
    try {
      takeChanged();
      long next = latest;
      while (!order.isEmpty()) {
        TimerEntry first = order.first();
        if (first.dueAt() - now > 0) {
          next = first.dueAt() - latest < 0 ? first.dueAt() : latest;
          break;
        }
        order.remove(first);
        boolean left = first.wantedAt() - now > 0 || first.session.tick();
        long wanted = first.wantedAt();
        enter(first, wanted, left && wanted - now > 0 ? wanted : now + AGAIN_NANOS);
      }
      whole = true;
      return changed.get() == null ? next : now;
    } finally {
      if (!whole) {
        beginAnew();
      }
    }
  }

  private void takeChanged() {
    TimerEntry left = changed.getAndSet(null);
    try {
      while (left != null) {
        TimerEntry entry = left;
        left = entry.taken();
        order.remove(entry);
        long wanted = entry.wantedAt();
        enter(entry, wanted, wanted);
      }
    } finally {
      // Where something was thrown, so that they can be said to have changed again.
      while (left != null) {
        left = left.taken();
      }
    }
  }

  /** Is looked at then; {@code seen} is what it wanted when that was decided. */
  private void enter(TimerEntry entry, long seen, long at) {
    if (!entry.isTimed()) {
      return;
    }
    entry.dueAt(at);
    order.add(entry);
    // Who wanted it earlier in the meantime may have seen where it stood before.
    long wanted = entry.wantedAt();
    if (wanted != seen && wanted - at < 0) {
      changed(entry);
    }
  }

  /** The order may be torn where something was thrown. */
  private void beginAnew() {
    order.clear();
    for (Session session : sessions) {
      changed(session.section.tick());
    }
  }
}
