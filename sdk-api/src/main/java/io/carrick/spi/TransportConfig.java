package io.carrick.spi;

import java.time.Duration;

/**
 * What every transport is given.
 *
 * @param name the service's name, for the names of threads
 * @param connectTimeout the most time that one {@code connect} may take, 10 ms to 5 min
 */
public record TransportConfig(String name, Duration connectTimeout) {

  /** For tests and tools: a time-out of 10 s. */
  public static TransportConfig of(String name) {
    return new TransportConfig(name, Duration.ofSeconds(10));
  }
}
