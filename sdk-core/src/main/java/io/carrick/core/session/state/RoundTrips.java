package io.carrick.core.session.state;

import java.util.Arrays;

/**
 * The round trip of a path: the median of its last five measurements, so that a pause of a
 * collector or a slow start is forgotten, and a path that has become slow is known after three.
 *
 * <p>Each measurement is a PING and its PONG. Acknowledgements of traffic are none: one may wait
 * for 25 ms (F10), which nobody can tell from a slow path.
 */
public final class RoundTrips {

  /** Fewer say less than what a transport declares. */
  static final int ENOUGH = 3;

  /** How many measurements count. */
  public static final int KEPT = 5;

  private final long[] last = new long[KEPT];
  private int count;
  private long median = -1;

  /** Adds a measurement, in nanoseconds. */
  public void add(long nanos) {
    last[count % KEPT] = Math.max(1, nanos);
    count = count == Integer.MAX_VALUE ? KEPT : count + 1;
    long[] sorted = Arrays.copyOf(last, Math.min(count, KEPT));
    Arrays.sort(sorted);
    median = sorted[sorted.length / 2];
  }

  /** The median in nanoseconds; -1 before the first measurement. */
  public long median() {
    return median;
  }

  public int count() {
    return count;
  }
}
