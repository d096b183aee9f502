package io.carrick.core.select;

/**
 * What was seen of a path.
 *
 * @param failures attempts to connect that failed since the last success
 * @param rttMicros the smoothed round-trip time in microseconds; -1 where none was measured
 */
public record Measured(int failures, long rttMicros) {

  /** Nothing was seen yet. */
  public static final Measured NOTHING = new Measured(0, -1);

  /** The same after one more failed attempt. */
  public Measured failed() {
    return new Measured(failures == Integer.MAX_VALUE ? failures : failures + 1, rttMicros);
  }

  /** The same after a success; a round-trip time below 0 leaves the known one. */
  public Measured succeeded(long newRttMicros) {
    return new Measured(0, newRttMicros < 0 ? rttMicros : newRttMicros);
  }
}
