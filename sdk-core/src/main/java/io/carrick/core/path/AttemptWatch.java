package io.carrick.core.path;

import io.carrick.core.run.Delays;
import java.util.function.BooleanSupplier;

/**
 * Sees to it that an attempt ends: where there is no memory, a step of it may be lost, and nothing
 * else would end it. Each step says how long the next one may take. Belongs to the lock of its
 * owner.
 */
final class AttemptWatch {

  private static final long EVERY_NANOS = 1_000_000_000L;

  /** What a step may take longer than it says, where there is little memory or processor. */
  private static final long GRACE_NANOS = 10_000_000_000L;

  private final Delays delays;
  private final BooleanSupplier goesOn;
  private boolean watched;
  private boolean endless;
  private boolean overdue;
  private long lostAt;

  /** {@code goesOn} is asked every second on the thread of delays, until it says false. */
  AttemptWatch(Delays delays, BooleanSupplier goesOn) {
    this.delays = delays;
    this.goesOn = goesOn;
  }

  /** An attempt begins; throws where it could not be watched. */
  void begin() {
    if (!watched) {
      delays.every(EVERY_NANOS, EVERY_NANOS, goesOn);
      watched = true;
    }
    within(0);
  }

  /** A step begins that takes at most so long. */
  void within(long nanos) {
    endless = false;
    overdue = false;
    lostAt = System.nanoTime() + nanos + GRACE_NANOS;
  }

  /** A step begins that takes as long as it likes; it says so when it ends, whatever it throws. */
  void endless() {
    endless = true;
  }

  /**
   * Asked by {@code goesOn}: whether nothing was heard of it for too long, also when it was asked
   * before. Where the whole process stood still, the attempt has a second to go on first.
   */
  boolean isLost() {
    boolean before = overdue;
    overdue = !endless && System.nanoTime() - lostAt >= 0;
    return before && overdue;
  }

  /** {@code goesOn} is going to say false. */
  void unwatched() {
    watched = false;
  }
}
