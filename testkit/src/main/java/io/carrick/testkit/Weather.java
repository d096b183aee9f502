package io.carrick.testkit;

import java.time.Duration;

/**
 * How bytes travel through a {@link FaultProxy} in one direction. Immutable.
 *
 * @param latency how long each byte takes at least
 * @param jitter what is added at most, drawn for each read; bytes keep their order all the same
 * @param bytesPerSecond the rate of one connection, {@link Long#MAX_VALUE} for none
 * @param maxSlice the most bytes of one write, 1 to 65,536; each size is drawn from 1 to this
 */
public record Weather(Duration latency, Duration jitter, long bytesPerSecond, int maxSlice) {

  /** The most bytes of one write, and of one read. */
  public static final int MAX_SLICE = 65_536;

  /** Nothing is added and nothing is cut. */
  public static final Weather CLEAR =
      new Weather(Duration.ZERO, Duration.ZERO, Long.MAX_VALUE, MAX_SLICE);

  public Weather {
    if (latency.isNegative() || jitter.isNegative()) {
      throw new IllegalArgumentException(
          "latency " + latency + " and jitter " + jitter + " must not be negative");
    }
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "bytesPerSecond " + bytesPerSecond + " must be 1 or more; use blackHole for none");
    }
    if (maxSlice < 1 || maxSlice > MAX_SLICE) {
      throw new IllegalArgumentException("maxSlice " + maxSlice + " must be 1 to " + MAX_SLICE);
    }
  }

  /** The same weather with another latency. */
  public Weather withLatency(Duration value) {
    return new Weather(value, jitter, bytesPerSecond, maxSlice);
  }

  /** The same weather with another jitter. */
  public Weather withJitter(Duration value) {
    return new Weather(latency, value, bytesPerSecond, maxSlice);
  }

  /** The same weather with another rate. */
  public Weather withRate(long value) {
    return new Weather(latency, jitter, value, maxSlice);
  }

  /** The same weather with other writes. */
  public Weather withMaxSlice(int value) {
    return new Weather(latency, jitter, bytesPerSecond, value);
  }
}
