package io.carrick.core.session.state;

/**
 * The measured round trip of a path.
 *
 * @param nanos the median of the last five measurements in nanoseconds; -1 where there is none
 * @param measurements how often it was measured
 */
public record RoundTrip(long nanos, int measurements) {

  /** Fewer measurements say less than what a transport declares. */
  public static final int ENOUGH = RoundTrips.ENOUGH;

  /** How often the connection of a trial is measured. */
  public static final int OF_A_TRIAL = RoundTrips.KEPT;
}
