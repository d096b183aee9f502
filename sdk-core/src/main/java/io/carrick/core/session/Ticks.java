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
final class Ticks {

  /**
   * When the timer tries a session again in which another thread was, or that wants it again at
   * once: none keeps the timer from the others.
   */
  private static final long AGAIN_NANOS = 1_000_000L;

  private static final Comparator<Tick> ORDER =
      (a, b) -> {
        long later = a.dueAt() - b.dueAt();
        return later != 0 ? Long.signum(later) : Long.compare(a.session.place, b.session.place);
      };

  private final Collection<Session> sessions;

  /** The last of those that have changed; each knows the one before. */
  private final AtomicReference<@Nullable Tick> changed = new AtomicReference<>();

  // The timer's.
  private final TreeSet<Tick> order = new TreeSet<>(ORDER);

  /** Those of {@code sessions}, which others add and remove. */
  Ticks(Collection<Session> sessions) {
    this.sessions = sessions;
  }

  /** The session came, went, or has to be looked at earlier. */
  void changed(Tick tick) {
    if (!tick.change()) {
      return;
    }
    Tick before;
    do {
      before = changed.get();
      tick.behind(before);
    } while (!changed.compareAndSet(before, tick));
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
        Tick first = order.first();
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
    Tick left = changed.getAndSet(null);
    try {
      while (left != null) {
        Tick tick = left;
        left = tick.taken();
        order.remove(tick);
        long wanted = tick.wantedAt();
        enter(tick, wanted, wanted);
      }
    } finally {
      // Where something was thrown, so that they can be said to have changed again.
      while (left != null) {
        left = left.taken();
      }
    }
  }

  /** Is looked at then; {@code seen} is what it wanted when that was decided. */
  private void enter(Tick tick, long seen, long at) {
    if (!tick.isTimed()) {
      return;
    }
    tick.dueAt(at);
    order.add(tick);
    // Who wanted it earlier in the meantime may have seen where it stood before.
    long wanted = tick.wantedAt();
    if (wanted != seen && wanted - at < 0) {
      changed(tick);
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
