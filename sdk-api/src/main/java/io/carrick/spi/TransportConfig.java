package io.carrick.spi;

import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import java.time.Duration;

/**
 * What every transport is given.
 *
 * @param name the service's name, for the names of threads
 * @param connectTimeout the most time that one {@code connect} may take, 10 ms to 5 min
 * @param tls for transports that speak TLS
 * @param peers what peers may take that are not known yet
 */
public record TransportConfig(
    String name, Duration connectTimeout, TlsConfig tls, PeerLimits peers) {

  /** The same with the default limits of peers. */
  public TransportConfig(String name, Duration connectTimeout, TlsConfig tls) {
    this(name, connectTimeout, tls, PeerLimits.DEFAULT);
  }

  /** For tests and tools: a time-out of 10 s, and TLS with what the JVM trusts. */
  public static TransportConfig of(String name) {
    return new TransportConfig(name, Duration.ofSeconds(10), TlsConfig.SYSTEM);
  }
}
