package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.core.run.BatchingExecutor;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.run.Unfinished;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.PeerInfo;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of a messenger share: the clock, the handler executor, the budget and one timer
 * thread, which starts with the first handshake and ends with {@link #close}.
 */
public final class SessionRuntime implements AutoCloseable {

  private static final int FEW_SESSIONS = 8;

  // 2^64 divided by the golden ratio: Knuth, The Art of Computer Programming, volume 3, section
  // 6.4.
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private static final long LONGEST_PARK_NANOS = 1_000_000_000L;

  /** How often the timer looks whether there is memory left. */
  private static final long PROBE_NANOS = 1_000_000_000L;

  /** What accepting a connection and a handshake need. */
  private static final int PROBE_BYTES = 128 * 1024;

  private static final byte[] NOTHING = {};

  private final String name;
  private final BatchingExecutor handlerExecutor;
  private final Budget budget;
  private final LongSupplier nanoTime;
  private final boolean timed;

  /** In the order in which they began. */
  private final ConcurrentNavigableMap<Long, Session> sessions = new ConcurrentSkipListMap<>();

  private final TimerQueue queue = new TimerQueue(sessions.values());
  private final Unfinished.Kept untold = new Unfinished.Kept();
  private final Predicate<Unfinished> tellLater = this::tellLater;
  private final Set<ConnectionHandshake<?>> greetings = ConcurrentHashMap.newKeySet();
  private final AtomicLong begun = new AtomicLong();
  private final Map<String, Session> accepted = new ConcurrentHashMap<>();
  private final Admission admission = new Admission();
  private final AnonymousSessions anonymous = new AnonymousSessions();
  private final AtomicLong places = new AtomicLong();
  private final Tellers tellers;
  private final Object lock = new Object();
  private volatile @Nullable Session stranger;
  private volatile @Nullable Thread timer;
  private volatile boolean closed;
  private volatile boolean draining;
  private volatile boolean callersMayRead = true;
  private volatile long sleepsUntil;

  // Touched only by the timer.
  private long probedAt;
  private volatile byte[] reserve = NOTHING;

  /** A runtime for a messenger of this name. */
  public SessionRuntime(
      String name, BatchingExecutor handlerExecutor, Budget budget, LongSupplier nanoTime) {
    this(name, handlerExecutor, budget, nanoTime, true);
  }

  /** One without a thread, where not timed: a simulation calls {@link #round} when it is due. */
  SessionRuntime(
      String name,
      BatchingExecutor handlerExecutor,
      Budget budget,
      LongSupplier nanoTime,
      boolean timed) {
    this.name = name;
    this.timed = timed;
    this.tellers = new Tellers(name);
    this.handlerExecutor = handlerExecutor;
    this.budget = budget;
    this.nanoTime = nanoTime;
    Contained.prepare();
  }

  /** Where handlers and continuations run. */
  public BatchingExecutor handlerExecutor() {
    return handlerExecutor;
  }

  Budget budget() {
    return budget;
  }

  Admission visitors() {
    return admission;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** Takes no new sessions any more; those that are there are resumed. */
  public void drain() {
    draining = true;
  }

  /** Whether this node goes away. */
  public boolean isDraining() {
    return draining;
  }

  /**
   * From now on readers run code of the application in place, which must not meet a caller that
   * waits: it may hold locks, or depend on what belongs to its thread.
   */
  public void keepCallersFromReading() {
    callersMayRead = false;
  }

  boolean callersMayRead() {
    return callersMayRead;
  }

  /** Those that live. */
  Collection<Session> sessions() {
    return sessions.values();
  }

  /**
   * When the initiator of the next session dials again if its connection breaks: each session has a
   * place of its own in the spread, and any of them that follow each other are spread evenly (the
   * multiples of the golden ratio). At once where there are few, as their own connections break
   * more often than this node dies.
   */
  long redialMillis(long spreadNanos) {
    if (sessions.size() < FEW_SESSIONS) {
      return 0;
    }
    double share = (places.getAndAdd(GOLDEN_RATIO) >>> 11) * 0x1p-53;
    return (long) (share * spreadNanos / 1_000_000);
  }

  void add(Session session) {
    try {
      enter(session);
    } catch (Throwable t) {
      if (!remove(session) && !session.isInitiator()) {
        admission.leave(session.peer().principal());
      }
      session.faults.lose(StatusCode.INTERNAL, "the session could not begin: " + t);
      throw t;
    }
  }

  private void enter(Session session) {
    startTimer();
    budget.add(session.heldBytes());
    session.place = begun.incrementAndGet();
    sessions.put(session.place, session);
    Binding binding = session.binding();
    if (binding != null && !session.isInitiator()) {
      accepted.put(binding.id(), session);
    }
    if (isNobody(session)) {
      anonymous.enter(session, session.config.peers(), budget);
    }
    session.section.tick().setTimed(true);
    tickEarlier(session.section.tick());
  }

  /** A handshake that may not last for ever; there are no more than {@link Admission} admits. */
  void limit(ConnectionHandshake<?> handshake) {
    greetings.add(handshake);
    startTimer();
    wakeAt(handshake.endsAt());
  }

  /** It has ended. */
  void unlimit(ConnectionHandshake<?> handshake) {
    greetings.remove(handshake);
  }

  /** Before the first session, so that none is without. */
  private void startTimer() {
    synchronized (lock) {
      Thread present = timer;
      if (timed && !closed && (present == null || !present.isAlive())) {
        // Nothing that is thrown ends it while there are sessions.
        Runnable rounds = this::rounds;
        Runnable work =
            Contained.untilItReturns(Failing.TIMER, () -> CarrickThreads.asReader(rounds));
        Thread thread = new Thread(work, "carrick-timer-" + name);
        CarrickThreads.own(thread);
        thread.setDaemon(true);
        thread.start();
        timer = thread;
      }
    }
  }

  /** False where it is not there any more. */
  boolean remove(Session session) {
    boolean there = sessions.remove(session.place) != null;
    if (there) {
      session.section.tick().setTimed(false);
      queue.changed(session.section.tick());
      if (!session.isInitiator()) {
        admission.leave(session.peer().principal());
        anonymous.leave(session);
      }
    }
    Binding binding = session.binding();
    if (binding != null) {
      accepted.remove(binding.id(), session);
    }
    return there;
  }

  /** The principal of a session has fallen to none: it counts as nobody's from now on. */
  void fell(Session session, PeerIdentity before, PeerInfo path) {
    Audit.of(Audit.Event.PRINCIPAL_GIVEN_UP, session.isInitiator() ? "initiator" : "acceptor", path)
        .with("peer", before.service())
        .with("principal", before.principal())
        .log();
    if (!session.isInitiator()) {
      admission.leave(before.principal());
      anonymous.enter(session, session.config.peers(), budget);
    }
    session.events.unidentified(session, before.principal(), path);
  }

  /** The session that an initiator wants to resume. */
  @Nullable Session resumable(byte[] session) {
    return accepted.get(Binding.id(session));
  }

  /**
   * Stands in for a session that is not known, so that the work is the same (R16): nobody has its
   * key.
   */
  Session stranger(SessionConfig config) {
    Session known = stranger;
    if (known == null) {
      known = Session.stranger(config, this);
      stranger = known;
    }
    return known;
  }

  /** A session wants to be ticked earlier than the timer looks. */
  void tickEarlier(TimerEntry entry) {
    queue.changed(entry);
    wakeAt(entry.wantedAt());
  }

  private void wakeAt(long at) {
    if (at - sleepsUntil < 0) {
      sleepsUntil = at;
      LockSupport.unpark(timer);
    }
  }

  private static boolean isNobody(Session session) {
    return !session.isInitiator() && session.peer().principal().equals(Principal.NONE);
  }

  /** The budget is passed: the peer that holds most loses sessions, heaviest first (F15). */
  void relieve() {
    Map<String, Long> byPeer = new HashMap<>();
    for (Session session : sessions.values()) {
      byPeer.merge(holder(session), session.heldBytes(), Long::sum);
    }
    byPeer.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .ifPresent(
            most ->
                sessions.values().stream()
                    .filter(s -> holder(s).equals(most.getKey()))
                    .sorted(Comparator.comparingLong(Session::heldBytes).reversed())
                    .takeWhile(s -> budget.exceeded())
                    .forEach(s -> s.faults.overBudget(budget)));
  }

  /** Who is to blame: the principal, or the host where there is none. */
  private static String holder(Session session) {
    PeerIdentity peer = session.peer();
    return peer.principal().equals(Principal.NONE)
        ? AnonymousSessions.host(peer.path().address())
        : peer.principal().toString();
  }

  /**
   * There is no memory to go on: ends the session with the most calls, so that what is kept for
   * them becomes free (F15). What their peers say is not read any more, so nobody else could end
   * them. It needs no memory itself; who is told of the end has the reserve.
   */
  private void shed(Throwable t) {
    if (reserve.length > 0) {
      reserve = NOTHING;
    }
    probedAt = now() - PROBE_NANOS;
    Session heaviest = null;
    int most = 0;
    for (Long place = sessions.higherKey(0L); place != null; place = sessions.higherKey(place)) {
      Session session = sessions.get(place);
      int calls = session == null ? 0 : session.callsRoughly();
      if (calls > most) {
        most = calls;
        heaviest = session;
      }
    }
    if (heaviest != null) {
      heaviest.section.tryAbandon(t);
    }
  }

  /** Throws if there is no memory for what a connection needs; else keeps it for {@link #shed}. */
  private void probe(long now) {
    if (!sessions.isEmpty() && now - probedAt >= PROBE_NANOS) {
      reserve = new byte[PROBE_BYTES];
      probedAt = now;
    }
  }

  private void rounds() {
    while (!closed) {
      try {
        round();
      } catch (OutOfMemoryError e) {
        shed(e);
        throw e;
      }
      long park = sleepsUntil - now();
      if (park > 0 && !closed) {
        LockSupport.parkNanos(this, park);
      }
    }
  }

  /** Tells what could not be told before, or a tick found; false if it must be tried again. */
  boolean tellLater(Unfinished work) {
    if (timed) {
      return tellers.tell(work);
    }
    work.run();
    return true;
  }

  /** There was no memory to tell something: it is tried again. */
  void tellAgain(Unfinished work) {
    untold.add(work);
    wakeAt(now() + Unfinished.AGAIN_NANOS);
  }

  /** When the next {@link #round} is due. */
  long sleepsUntil() {
    return sleepsUntil;
  }

  /** Ticks the sessions that want it, and ends handshakes that take too long. */
  void round() {
    long now = now();
    sleepsUntil = now + LONGEST_PARK_NANOS;
    probe(now);
    long next = queue.round(now, sleepsUntil);
    for (ConnectionHandshake<?> handshake : greetings) {
      long at = handshake.endsAt();
      if (at - now <= 0) {
        handshake.tooLate();
        unlimit(handshake);
      } else if (at - next < 0) {
        next = at;
      }
    }
    if (budget.exceeded()) {
      relieve();
    }
    tellers.attend();
    boolean left = handlerExecutor.retry();
    if (untold.retry(tellLater) || left) {
      next = Math.min(next - now, Unfinished.AGAIN_NANOS) + now;
    }
    if (next - sleepsUntil < 0) {
      sleepsUntil = next;
    }
  }

  /** Stops the timer; the sessions have ended before. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(timer);
    tellers.close();
  }
}
