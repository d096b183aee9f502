package io.carrick.core;

import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one remote: one for all calls, and others only for needs that the first does not
 * meet; each of them goes over the endpoints that do.
 */
final class Lines {

  /** The most sessions beside the first. */
  static final int MAX_OTHERS = 4;

  /** How long one of them may be idle before it ends: 60 s. */
  static final long IDLE_NANOS = 60_000_000_000L;

  /** Runs an action later. */
  interface Later {
    void after(long nanos, Runnable action);
  }

  private final Line primary;
  private final Requirements primaryNeeds;
  private final @Nullable Paths paths;
  private final Function<Requirements, Line> maker;
  private final Later later;
  private final LongSupplier clock;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Requirements, Other> others = new HashMap<>();

  /** A session beside the first; when it was last used is guarded by lock. */
  private static final class Other {
    private final Line line;
    private long usedAt;

    Other(Line line) {
      this.line = line;
    }
  }

  /** Sessions of which the first has these needs. */
  Lines(
      Requirements needs,
      @Nullable Paths paths,
      Function<Requirements, Line> maker,
      Later later,
      LongSupplier clock) {
    this.primaryNeeds = hard(needs);
    this.primary = maker.apply(primaryNeeds);
    this.paths = paths;
    this.maker = maker;
    this.later = later;
    this.clock = clock;
  }

  /** One line that there is no other beside. */
  static Lines of(PeerLine line) {
    return new Lines(
        Requirements.NONE, null, needs -> line, (nanos, action) -> {}, System::nanoTime);
  }

  Line primary() {
    return primary;
  }

  /**
   * The line to use for these needs: the first only if it meets them on whatever path it may move
   * to.
   */
  Line meeting(Requirements needs) {
    Requirements hard = hard(needs);
    Paths known = paths;
    if (known == null
        || hard.equals(Requirements.NONE)
        || hard.equals(primaryNeeds)
        || known.allMeet(hard)) {
      return primary;
    }
    return other(hard);
  }

  private Line other(Requirements hard) {
    boolean first;
    Other other;
    synchronized (lock) {
      other = others.get(hard);
      first = other == null;
      if (other == null) {
        if (others.size() >= MAX_OTHERS && !forgetOneAtRest()) {
          throw new IllegalStateException(
              "remote has sessions for "
                  + others.keySet()
                  + " beside the first: use at most "
                  + MAX_OTHERS
                  + " different needs, or another remote");
        }
        other = new Other(maker.apply(hard));
        others.put(hard, other);
      }
      other.usedAt = clock.getAsLong();
    }
    if (first) {
      watch(other);
    }
    return other.line;
  }

  /** Makes room for other needs: a line that nobody has used for long and that has no session. */
  private boolean forgetOneAtRest() {
    long now = clock.getAsLong();
    for (Map.Entry<Requirements, Other> e : others.entrySet()) {
      Other o = e.getValue();
      if (o.line.open() == null && !o.line.isUsed() && now - o.usedAt >= IDLE_NANOS) {
        others.remove(e.getKey());
        var unused = o.line.close("other needs took its place");
        return true;
      }
    }
    return false;
  }

  private void watch(Other other) {
    later.after(
        IDLE_NANOS / 4,
        () -> {
          boolean idle;
          synchronized (lock) {
            long now = clock.getAsLong();
            if (other.line.isUsed()) {
              other.usedAt = now;
            }
            idle = now - other.usedAt >= IDLE_NANOS;
          }
          if (idle) {
            other.line.rest();
          }
          if (!other.line.isClosed()) {
            watch(other);
          }
        });
  }

  /** What may not be left out; latency only ranks. */
  private static Requirements hard(Requirements needs) {
    Requirements hard =
        Requirements.NONE.withSecurity(needs.security()).withDelivery(needs.delivery());
    return needs.isDurable() ? hard.durable() : hard;
  }

  /** Demands this security of all sessions, also of those that are opened later. */
  void raiseFloor(SecurityLevel level) {
    Paths known = paths;
    if (known != null) {
      known.raiseFloor(level);
    }
    all().forEach(line -> line.raiseFloor(level));
  }

  CompletableFuture<Void> close(String reason) {
    return CompletableFuture.allOf(
        all().stream().map(l -> l.close(reason)).toArray(CompletableFuture[]::new));
  }

  /** The sessions that are open now. */
  List<Session> sessions() {
    return all().stream().map(Line::open).filter(java.util.Objects::nonNull).toList();
  }

  private List<Line> all() {
    List<Line> all = new ArrayList<>();
    all.add(primary);
    synchronized (lock) {
      others.values().forEach(o -> all.add(o.line));
    }
    return all;
  }
}
