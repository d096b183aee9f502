package io.carrick.core.path;

import io.carrick.Explanation;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.session.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one remote: one for all calls, and others only for needs that the first does not
 * meet; each of them goes over the endpoints that do.
 */
public final class SessionPool {

  /** The most sessions beside the first. */
  static final int MAX_OTHERS = 4;

  /** How long one of them may be idle before it ends: 60 s. */
  static final long IDLE_NANOS = 60_000_000_000L;

  /** One that was asked for so lately may be about to be used: 1 s. */
  static final long REST_NANOS = 1_000_000_000L;

  /** Runs an action later. */
  public interface Later {
    void after(long nanos, Runnable action);
  }

  private final SessionSource primary;
  private final Requirements primaryNeeds;
  private final @Nullable EndpointTable table;
  private final BiFunction<Requirements, PathEvents, SessionSource> maker;
  private final Supplier<PathEvents> recorder;
  private final Later later;
  private final LongSupplier clock;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Requirements, Other> others = new HashMap<>();
  private final Map<Requirements, PathEvents> events = new HashMap<>();
  private boolean closed;

  /** A session beside the first; when it was last used is guarded by lock. */
  private static final class Other {
    private final SessionSource source;
    private long usedAt;

    Other(SessionSource source) {
      this.source = source;
    }
  }

  /** Sessions of which the first has these needs. */
  public SessionPool(
      Requirements needs,
      @Nullable EndpointTable table,
      BiFunction<Requirements, PathEvents, SessionSource> maker,
      Supplier<PathEvents> recorder,
      Later later,
      LongSupplier clock) {
    this.primaryNeeds = hard(needs);
    this.primary = maker.apply(primaryNeeds, recorder.get());
    this.table = table;
    this.maker = maker;
    this.recorder = recorder;
    this.later = later;
    this.clock = clock;
    primary.ownedBy(this);
  }

  /** One session, which may not meet the needs: each call is told so. */
  public static SessionPool of(MessengerContext node, Session session, PeerLink link) {
    return new SessionPool(
        Requirements.NONE,
        null,
        (needs, events) -> new PeerSource(node, session, link, needs),
        () -> link.events,
        (nanos, action) -> {},
        System::nanoTime);
  }

  public SessionSource primary() {
    return primary;
  }

  /**
   * The line to use for these needs: the first only if it meets them on whatever path it may move
   * to.
   */
  public SessionSource meeting(Requirements needs) {
    Requirements hard = hard(needs);
    if (isFirst(hard)) {
      return primary;
    }
    return table == null ? maker.apply(hard, primary.pathEvents()) : other(hard);
  }

  private boolean isFirst(Requirements hard) {
    EndpointTable known = table;
    return hard.equals(Requirements.NONE)
        || hard.equals(primaryNeeds)
        || (known != null && known.allMeet(hard, primary.advertised()));
  }

  /** Why the path for these needs is what it is; opens nothing. */
  public Explanation explain(Requirements needs) {
    Requirements hard = hard(needs);
    EndpointTable known = table;
    if (known == null || isFirst(hard)) {
      return primary.explain(needs);
    }
    SessionSource other = knownOther(hard);
    return other == null
        ? known.explain(
            primary.service().orElse(""),
            needs,
            known.floor(),
            new EndpointTable.InSession(Optional.empty(), Map.of(), Map.of(), events(needs)))
        : other.explain(needs);
  }

  /** The session that carries calls with these needs; null where there is none now. */
  public @Nullable Session open(Requirements needs) {
    Requirements hard = hard(needs);
    SessionSource source = table == null || isFirst(hard) ? primary : knownOther(hard);
    return source == null ? null : source.open();
  }

  private @Nullable SessionSource knownOther(Requirements hard) {
    synchronized (lock) {
      Other other = others.get(hard);
      return other == null ? null : other.source;
    }
  }

  /**
   * The events of the session that carries calls with these needs. There are as many as there are
   * different hard needs, and they stay when their session makes room for another.
   */
  public PathEvents events(Requirements needs) {
    Requirements hard = hard(needs);
    if (table == null || isFirst(hard)) {
      return primary.pathEvents();
    }
    synchronized (lock) {
      return events.computeIfAbsent(hard, key -> recorder.get());
    }
  }

  private SessionSource other(Requirements hard) {
    if (isImpossible(hard)) {
      // It tells why not, and takes no place from one that can be.
      return maker.apply(hard, recorder.get());
    }
    boolean first;
    Other other;
    Other gone = null;
    synchronized (lock) {
      other = others.get(hard);
      first = other == null && !closed;
      if (first) {
        gone = others.size() < MAX_OTHERS ? null : takeOneAtRest();
        if (gone == null && others.size() >= MAX_OTHERS) {
          return new RefusingSource(
              primary,
              "remote has sessions for "
                  + others.keySet()
                  + " beside the first: use at most "
                  + MAX_OTHERS
                  + " different needs, or another remote");
        }
        other = new Other(maker.apply(hard, events.computeIfAbsent(hard, key -> recorder.get())));
        other.source.ownedBy(this);
        others.put(hard, other);
      }
      if (other != null) {
        other.usedAt = clock.getAsLong();
      }
    }
    if (other == null) {
      // It tells each call so.
      SessionSource late = maker.apply(hard, recorder.get());
      var unused = late.close("the remote is closed");
      return late;
    }
    if (gone != null) {
      var unused = gone.source.close("other needs took its place");
    }
    if (first) {
      watch(other);
    }
    return other.source;
  }

  private boolean isImpossible(Requirements hard) {
    EndpointTable known = table;
    return known != null && known.choose(hard).ranked().isEmpty();
  }

  /** The service's name, where a session has told it. */
  public Optional<String> service(Requirements needs) {
    SessionSource other = knownOther(hard(needs));
    Optional<String> known = other == null ? Optional.empty() : other.service();
    return known.isPresent() ? known : primary.service();
  }

  /**
   * Makes room for other needs: the line without an open call that was not used for longest; null
   * where there is none. The lock is held, so the caller closes it later.
   */
  private @Nullable Other takeOneAtRest() {
    long now = clock.getAsLong();
    Optional<Map.Entry<Requirements, Other>> longest =
        others.entrySet().stream()
            .filter(e -> !e.getValue().source.isUsed() && now - e.getValue().usedAt >= REST_NANOS)
            .max(Comparator.comparingLong(e -> now - e.getValue().usedAt));
    if (longest.isEmpty()) {
      return null;
    }
    others.remove(longest.get().getKey());
    return longest.get().getValue();
  }

  private void watch(Other other) {
    later.after(
        IDLE_NANOS / 4,
        () -> {
          boolean idle;
          synchronized (lock) {
            long now = clock.getAsLong();
            if (other.source.isUsed()) {
              other.usedAt = now;
            }
            idle = now - other.usedAt >= IDLE_NANOS;
          }
          try {
            if (idle) {
              other.source.rest();
            }
          } finally {
            if (!other.source.isClosed()) {
              watch(other);
            }
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
  public void raiseFloor(SecurityLevel level) {
    EndpointTable known = table;
    if (known != null) {
      known.raiseFloor(level);
    }
    all().forEach(source -> source.raiseFloor(level));
  }

  public CompletableFuture<Void> close(String reason) {
    synchronized (lock) {
      closed = true; // No other one comes after those that are closed now.
    }
    return CompletableFuture.allOf(
        all().stream().map(l -> l.close(reason)).toArray(CompletableFuture[]::new));
  }

  /** The sessions that are open now. */
  public List<Session> sessions() {
    return all().stream().map(SessionSource::open).filter(java.util.Objects::nonNull).toList();
  }

  private List<SessionSource> all() {
    List<SessionSource> all = new ArrayList<>();
    all.add(primary);
    synchronized (lock) {
      others.values().forEach(o -> all.add(o.source));
    }
    return all;
  }
}
