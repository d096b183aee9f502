package io.carrick.core.path;

import java.util.function.LongBinaryOperator;

/**
 * When a session that waits knocks again at an address where other instances answer, and when its
 * remote begins another session meanwhile. That others answer shows that the service is there: so
 * the waits are short, unless one and the same answers again and again, and the clients are many.
 */
final class Knocks {

  /** The first wait is half of this to this, and each next one half as long again. */
  static final long FIRST_NANOS = 100_000_000L;

  static final long LONGEST_NANOS = 1_000_000_000L;

  /** The same where the service has told its clients that they are many. */
  static final long FIRST_OF_MANY_NANOS = 1_000_000_000L;

  static final long LONGEST_OF_MANY_NANOS = 3_000_000_000L;

  /** So often the same instance answers until it seems to have taken the place of ours. */
  static final int SAME = 3;

  /** So long ours is looked for until another session begins. */
  static final long PATIENCE_NANOS = 1_000_000_000L;

  private final LongBinaryOperator random;
  private String last = "";
  private int same;
  private boolean several;
  private long step;
  private long since;

  /** Knocks over a random that gives a number from its first argument up to its second. */
  Knocks(LongBinaryOperator random) {
    this.random = random;
  }

  /** This instance answered, and is not ours. */
  void answered(String instance, long now) {
    if (last.isEmpty()) {
      since = now;
    }
    several |= !last.isEmpty() && !last.equals(instance);
    same = last.equals(instance) ? same + 1 : 1;
    last = instance;
  }

  /** Whether another instance has answered since the path broke. */
  boolean haveAnswer() {
    return !last.isEmpty();
  }

  /** Whether another session should begin. */
  boolean giveUp(boolean crowded, long now) {
    return haveAnswer() && (crowded || same >= SAME || now - since >= PATIENCE_NANOS);
  }

  /** How long to wait until the next knock. */
  long nextNanos(boolean crowded) {
    if (crowded && same >= SAME && !several) {
      return random.applyAsLong(Backoff.LEAST_CROWDED_NANOS, Backoff.CROWDED_NANOS);
    }
    long first = crowded ? FIRST_OF_MANY_NANOS : FIRST_NANOS;
    long longest = crowded ? LONGEST_OF_MANY_NANOS : LONGEST_NANOS;
    step = step == 0 ? first : Math.min(longest, step + step / 2);
    return random.applyAsLong(step / 2, step);
  }

  /** The session goes on. */
  void reset() {
    last = "";
    same = 0;
    several = false;
    step = 0;
  }
}
