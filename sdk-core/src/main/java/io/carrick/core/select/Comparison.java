package io.carrick.core.select;

import io.carrick.Requirements;
import java.util.Optional;

/**
 * Whether a session that has a sound path should look at another one, and whether it should take
 * that: pure rules, docs/selection.md has them in words. Another path is measured before it is
 * taken, so that what was measured is never compared with what is declared, nor with what was
 * measured long ago.
 */
public final class Comparison {

  /** What is gained by a move must be at least this: 20 microseconds. */
  static final long LEAST_GAIN_MICROS = 20;

  /** A path is slow where it takes twice its best, and at least this more: 1 ms. */
  static final long SLOWER_MICROS = 1_000;

  /** Why another path is tried. */
  public enum Reason {
    /** The present path misses the latency target. */
    TARGET,
    /** The present path takes twice its best. */
    SLOW,
    /** The transport of the other one costs less. */
    COST
  }

  private Comparison() {}

  /** Whether the present path alone gives reason to try any other. */
  public static Optional<Reason> trouble(Requirements needs, Candidate present, long bestMicros) {
    if (Selector.missesTarget(needs, present)) {
      return Optional.of(Reason.TARGET);
    }
    Measured now = present.measured();
    boolean slow =
        now.isKnown()
            && bestMicros >= 0
            && now.rttMicros() >= Math.max(2 * bestMicros, bestMicros + SLOWER_MICROS);
    return slow ? Optional.of(Reason.SLOW) : Optional.empty();
  }

  /** Whether the transport of the other path declares that it is clearly better. */
  public static boolean costsLess(Candidate other, Candidate present) {
    return less(Selector.declaredMicros(other), Selector.declaredMicros(present));
  }

  /**
   * Whether the other path, which was tried for this reason, is taken.
   *
   * @param presentMicros the round trip of the present path now; -1 where it was not measured
   * @param otherMicros the round trip of the other one, just measured
   */
  public static boolean takes(
      Reason reason, Requirements needs, long presentMicros, long otherMicros) {
    if (presentMicros < 0) {
      return true;
    }
    boolean misses = misses(needs, presentMicros);
    if (misses != misses(needs, otherMicros)) {
      return misses;
    }
    return reason == Reason.COST
        ? !less(presentMicros, otherMicros)
        : less(otherMicros, presentMicros);
  }

  private static boolean misses(Requirements needs, long micros) {
    return needs.maxLatency().map(target -> micros > target.toNanos() / 1_000).orElse(false);
  }

  /** By a quarter at least, and by more than noise. */
  private static boolean less(long a, long b) {
    return b - a >= LEAST_GAIN_MICROS && a <= b - b / 4;
  }
}
