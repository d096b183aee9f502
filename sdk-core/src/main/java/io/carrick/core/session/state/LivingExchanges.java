package io.carrick.core.session.state;

import io.carrick.SecurityLevel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of a session that have not ended: found by number once they have one, listed before
 * that, too, with the deadlines that are looked at every 50 ms while there are any.
 */
public final class LivingExchanges {

  private static final long DEADLINE_TICK_NANOS = 50_000_000L;

  private static final SecurityLevel[] LEVELS = SecurityLevel.values();

  private final ExchangeTable table = new ExchangeTable();
  private @Nullable Exchange first;
  private final int[] needing = new int[LEVELS.length];
  private int count;
  private int deadlines;
  private long nextCheck;

  int count() {
    return count;
  }

  /** The highest security that one of them needs. */
  SecurityLevel security() {
    int highest = LEVELS.length - 1;
    while (highest > 0 && needing[highest] == 0) {
      highest--;
    }
    return LEVELS[highest];
  }

  /** The first of those that are linked by {@code next}. */
  @Nullable Exchange first() {
    return first;
  }

  @Nullable Exchange get(long id) {
    return table.get(id);
  }

  void add(Exchange x) {
    Exchange head = first;
    x.next = head;
    if (head != null) {
      head.previous = x;
    }
    first = x;
    count++;
    needing[x.security.ordinal()]++;
    if (x.id != 0) {
      table.put(x);
    }
  }

  /** The exchange has its number now. */
  void numbered(Exchange x) {
    table.put(x);
  }

  void remove(Exchange x) {
    clearDeadline(x);
    Exchange before = x.previous;
    Exchange after = x.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    }
    x.previous = null;
    x.next = null;
    count--;
    needing[x.security.ordinal()]--;
    if (x.id != 0) {
      table.remove(x.id);
    }
  }

  /** A copy: what is done with each may end others. */
  public List<Exchange> all() {
    List<Exchange> all = new ArrayList<>(count);
    for (Exchange x = first; x != null; x = x.next) {
      all.add(x);
    }
    return all;
  }

  void setDeadline(Exchange x, long at, long now) {
    x.deadline = at == 0 ? 1 : at;
    long check = deadlines++ == 0 ? now + DEADLINE_TICK_NANOS : nextCheck;
    nextCheck = check - at < 0 ? check : at;
  }

  void clearDeadline(Exchange x) {
    if (x.deadline != 0) {
      x.deadline = 0;
      deadlines--;
    }
  }

  public boolean hasDeadlines() {
    return deadlines > 0;
  }

  long nextCheck() {
    return nextCheck;
  }

  /** Those whose deadline has passed. */
  List<Exchange> expired(long now) {
    if (deadlines == 0 || now - nextCheck < 0) {
      return List.of();
    }
    nextCheck = now + DEADLINE_TICK_NANOS;
    List<Exchange> expired = new ArrayList<>();
    for (Exchange x = first; x != null; x = x.next) {
      if (x.deadline != 0 && now - x.deadline >= 0) {
        expired.add(x);
      }
    }
    return expired;
  }
}
