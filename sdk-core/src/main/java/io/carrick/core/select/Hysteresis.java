package io.carrick.core.select;

import io.carrick.Requirements;
import io.carrick.spi.Endpoint;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a session leaves a path that works for a better one: if the other is clearly better, for a
 * while, and the last move was long ago. Immutable and pure: the caller brings the clock.
 *
 * <p>Two paths are compared by what was measured where both were measured often enough, else by
 * what their transports declare, so that a declared value never meets a measured one.
 *
 * @param better the endpoint that was clearly better when last looked at; null where none was
 * @param sinceNanos since when it was
 * @param notBeforeNanos the end of the cool-down after the last move
 */
public record Hysteresis(@Nullable Endpoint better, long sinceNanos, long notBeforeNanos) {

  /** How long a measured advantage must last: 3 s. */
  public static final long HOLD_NANOS = 3_000_000_000L;

  /** How long a session stays after a move, whyever it moved: 10 s. */
  public static final long COOL_DOWN_NANOS = 10_000_000_000L;

  /** What is gained by a move must be at least this: 20 microseconds. */
  static final long LEAST_GAIN_MICROS = 20;

  /** A session that has just begun. */
  public static Hysteresis begin(long nowNanos) {
    return new Hysteresis(null, nowNanos, nowNanos);
  }

  /** The state after a move. */
  public static Hysteresis moved(long nowNanos) {
    return new Hysteresis(null, nowNanos, nowNanos + COOL_DOWN_NANOS);
  }

  /**
   * What to do now.
   *
   * @param next the state to look with the next time
   * @param target where to move; empty to stay
   * @param reason why, for people
   */
  public record Verdict(Hysteresis next, Optional<Candidate> target, String reason) {}

  /**
   * Looks at the paths.
   *
   * @param others those that may be tried now and meet the hard needs, best first
   */
  public Verdict look(
      long nowNanos, Requirements needs, Candidate present, List<Candidate> others) {
    for (Candidate other : others) {
      String reason = clearlyBetter(needs, present, other);
      if (!reason.isEmpty()) {
        return found(nowNanos, present, other, reason);
      }
    }
    return new Verdict(
        new Hysteresis(null, nowNanos, notBeforeNanos), Optional.empty(), "no path is better");
  }

  private Verdict found(long now, Candidate present, Candidate other, String reason) {
    long since = other.endpoint().equals(better) ? sinceNanos : now;
    Hysteresis next = new Hysteresis(other.endpoint(), since, notBeforeNanos);
    // What transports declare does not waver.
    boolean lasted = !comparedByMeasure(present, other) || now - since >= HOLD_NANOS;
    boolean mayMove = lasted && now - notBeforeNanos >= 0;
    return new Verdict(next, mayMove ? Optional.of(other) : Optional.empty(), reason);
  }

  private static boolean comparedByMeasure(Candidate a, Candidate b) {
    return a.measured().isKnown() && b.measured().isKnown();
  }

  private static String clearlyBetter(Requirements needs, Candidate present, Candidate other) {
    if (Selector.missesTarget(needs, present) && !Selector.missesTarget(needs, other)) {
      return "the path misses the latency target of " + needs.maxLatency().orElseThrow();
    }
    if (comparedByMeasure(present, other)) {
      long now = present.measured().rttMicros();
      long then = other.measured().rttMicros();
      return less(then, now) ? "measured " + then + " us here, " + now + " us before" : "";
    }
    boolean otherFailedToPlease = other.measured().isKnown();
    return !otherFailedToPlease
            && less(Selector.declaredMicros(other), Selector.declaredMicros(present))
        ? "cost "
            + other.capabilities().cost()
            + " here, "
            + present.capabilities().cost()
            + " before"
        : "";
  }

  /** By a quarter at least, and by more than noise. */
  private static boolean less(long a, long b) {
    return b - a >= LEAST_GAIN_MICROS && a <= b - b / 4;
  }
}
