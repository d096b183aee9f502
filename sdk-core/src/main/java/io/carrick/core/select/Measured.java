package io.carrick.core.select;

/**
 * What was seen of a path.
 *
 * @param failures attempts to connect that failed, and times it broke, since the last success
 * @param rttMicros the round-trip time in microseconds, the median of the last five measurements;
 *     -1 where none was measured
 * @param samples how often it was measured over the connection that it is of
 */
public record Measured(int failures, long rttMicros, int samples) {

  /** Fewer measurements than this say less than what the transport declares. */
  public static final int ENOUGH_SAMPLES = 3;

  /** Nothing was seen yet. */
  public static final Measured NOTHING = new Measured(0, -1, 0);

  /** Whether the measured round trip counts. */
  public boolean isKnown() {
    return samples >= ENOUGH_SAMPLES;
  }

  /** The same after one more failure. */
  public Measured failed() {
    return new Measured(increment(failures), rttMicros, samples);
  }

  /** The same after a success. */
  public Measured succeeded() {
    return new Measured(0, rttMicros, samples);
  }

  /** The same with another round trip. */
  public Measured measured(long newRttMicros, int measurements) {
    return new Measured(failures, newRttMicros, measurements);
  }

  private static int increment(int n) {
    return n == Integer.MAX_VALUE ? n : n + 1;
  }
}
