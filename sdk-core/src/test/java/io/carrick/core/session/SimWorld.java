package io.carrick.core.session;

import io.carrick.PeerLimits;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.Rule;
import io.carrick.core.session.state.SessionConfig;
import java.util.AbstractSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/** A virtual clock, all that happens by it, and what was seen: everything is drawn from a seed. */
final class SimWorld {

  static final long MILLI = 1_000_000L;

  /** So many threads stand within one another, each where it waits for the next. */
  private static final int MOST_STANDING = 3;

  final long seed;
  final Random random;
  final Set<SimFault> faults;
  final Set<Rule> without;
  final Set<SimFlaw> flaws;
  final Map<String, Integer> coverage = new HashMap<>();

  /** Every call that a handler has seen, by its tag. */
  final Map<Long, SimServer> served = new HashMap<>();

  final SimSizes sizes;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Runnable after;
  private final Thread thread = Thread.currentThread();
  private long now = 1_000_000_000L;
  private long order;
  private long nextTag = 1;
  private long steps;
  private int standing;
  private AssertionError failure;
  long messages;
  long changes;

  /** Handlers that never return do return from now on, and no fault happens any more. */
  boolean released;

  boolean quiet;

  /** The last messages are under way, and what is sequenced vanishes. */
  boolean tail;

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  /** A world in which something is done after each event. */
  SimWorld(long seed, Set<SimFault> faults, Set<Rule> without, Set<SimFlaw> flaws, Runnable after) {
    this.seed = seed;
    this.random = new Random(seed);
    this.faults = faults;
    this.without = without;
    this.flaws = flaws;
    this.after = after;
    this.sizes = new SimSizes(random, faults.contains(SimFault.CROWD));
  }

  long now() {
    return now;
  }

  /** Whether it is not the world that calls, but a timer of the real clock. */
  boolean isForeign() {
    return Thread.currentThread() != thread;
  }

  /** How much has happened. */
  long steps() {
    return steps;
  }

  long nextTag() {
    return nextTag++;
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** A time below this one. */
  long some(long nanos) {
    return random.nextInt((int) (nanos / 1_000)) * 1_000L;
  }

  boolean has(SimFault fault) {
    return faults.contains(fault) && !quiet;
  }

  void at(long delayNanos, Runnable action) {
    events.add(new Event(now + delayNanos, order++, action));
  }

  void hit(String what) {
    coverage.merge(what, 1, Integer::sum);
  }

  void check(boolean condition, String what) {
    if (!condition) {
      throw failed(what, null);
    }
  }

  /** Nothing catches it for good, because it is kept. */
  AssertionError failed(String what, Throwable cause) {
    if (failure == null) {
      failure = new AssertionError("seed " + seed + " at " + now / MILLI + " ms: " + what, cause);
    }
    return failure;
  }

  void run(long nanos) {
    runUntil(now + nanos);
  }

  /**
   * The thread that is here stands still for a while, and the others go on: they run within it. The
   * production code calls this where it holds no lock, through what it is given.
   */
  void stand() {
    if (standing < MOST_STANDING && oneIn(20)) {
      standing++;
      runUntil(now + some(4 * MILLI));
      standing--;
    }
  }

  /** Throws now and then, where this fault is. */
  void mayThrow(SimFault fault, int oneIn) {
    if (has(fault) && oneIn(oneIn)) {
      hit("thrown: " + fault);
      if (oneIn(2)) {
        throw new IllegalStateException("simulated");
      }
      throw new OutOfMemoryError("simulated");
    }
  }

  /** The rules that hold for a session: asked within its section, all the time. */
  Set<Rule> rules() {
    return faults.contains(SimFault.NO_MEMORY) ? new NoMemory() : without;
  }

  private final class NoMemory extends AbstractSet<Rule> {
    @Override
    public boolean contains(Object rule) {
      mayThrow(SimFault.NO_MEMORY, 4_000);
      return without.contains(rule);
    }

    @Override
    public Iterator<Rule> iterator() {
      return without.iterator();
    }

    @Override
    public int size() {
      return without.size();
    }
  }

  private void runUntil(long end) {
    while (!events.isEmpty() && events.peek().at <= end) {
      Event event = events.remove();
      now = Math.max(now, event.at);
      try {
        event.action.run();
        after.run();
      } catch (Throwable t) {
        failed("thrown out of a thread: " + t, t);
      }
      if (failure != null) {
        throw failure;
      }
      check(++steps < 4_000_000, "no end in sight");
    }
    now = Math.max(now, end);
  }

  /** Limits of a node of this name; the handshake has all the time of the real clock. */
  SessionConfig config(String service) {
    boolean least = oneIn(3);
    return new SessionConfig(
        service,
        bytes(16),
        java.util.List.of(),
        300_000,
        64 << 10,
        least ? 64 << 10 : 1 << 20,
        least ? 1 + random.nextInt(3) : 64,
        least ? 4 : 1024,
        least ? 1 + random.nextInt(4) : 256,
        least ? 192 << 10 : 8 << 20,
        least ? 24 : 65_536,
        faults.contains(SimFault.CROWD) && oneIn(2) ? 8 : 1024,
        8 << 20,
        600_000 * MILLI,
        5_000 * MILLI,
        Resumption.DEFAULT,
        Tokens.NONE,
        PeerLimits.DEFAULT,
        null);
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
