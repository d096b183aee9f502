package io.carrick.core.session;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/** A virtual clock, all that happens by it, and what was seen: everything is drawn from a seed. */
final class SimWorld {

  static final long MILLI = 1_000_000L;

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
  private long now = 1_000_000_000L;
  private long order;
  private long nextTag = 1;
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

  SimWorld(long seed, Set<SimFault> faults, Set<Rule> without, Set<SimFlaw> flaws) {
    this.seed = seed;
    this.random = new Random(seed);
    this.faults = faults;
    this.without = without;
    this.flaws = flaws;
    this.sizes = new SimSizes(random, faults.contains(SimFault.CROWD));
  }

  long now() {
    return now;
  }

  long nextTag() {
    return nextTag++;
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
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
      throw new AssertionError("seed " + seed + " at " + now / MILLI + " ms: " + what);
    }
  }

  void run(long nanos) {
    long end = now + nanos;
    long steps = 0;
    while (!events.isEmpty() && events.peek().at <= end) {
      Event event = events.remove();
      now = event.at;
      event.action.run();
      check(++steps < 2_000_000, "no end in sight");
    }
    now = end;
  }

  SessionConfig config() {
    boolean least = oneIn(3);
    return new SessionConfig(
        "sim",
        new byte[16],
        List.of(),
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
        5_000 * MILLI,
        5_000 * MILLI,
        Resumption.DEFAULT);
  }

  byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
