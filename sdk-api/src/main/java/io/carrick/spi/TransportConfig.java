package io.carrick.spi;

import io.carrick.TlsConfig;
import java.time.Duration;

/**
 * What every transport is given.
 *
 * @param name the service's name, for the names of threads
 * @param connectTimeout the most time that one {@code connect} may take, 10 ms to 5 min
 * @param tls for transports that speak TLS
 */
public record TransportConfig(String name, Duration connectTimeout, TlsConfig tls) {

  /** For tests and tools: a time-out of 10 s, and TLS with what the JVM trusts. */
  public static TransportConfig of(String name) {
    return new TransportConfig(name, Duration.ofSeconds(10), TlsConfig.SYSTEM);
  }
}
