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
 * @param maxMessageBytes the largest message that the node takes or sends, for edges that carry
 *     messages of their own; 1 KiB to 1 GiB
 */
public record TransportConfig(
    String name, Duration connectTimeout, TlsConfig tls, PeerLimits peers, int maxMessageBytes) {

  /** What a messenger takes where nobody says otherwise. */
  public static final int DEFAULT_MESSAGE_BYTES = 4 << 20;

  /** The same with the default size of messages. */
  public TransportConfig(String name, Duration connectTimeout, TlsConfig tls, PeerLimits peers) {
    this(name, connectTimeout, tls, peers, DEFAULT_MESSAGE_BYTES);
  }

  /** The same with the default limits of peers. */
  public TransportConfig(String name, Duration connectTimeout, TlsConfig tls) {
    this(name, connectTimeout, tls, PeerLimits.DEFAULT);
  }

  /** For tests and tools: a time-out of 10 s, and TLS with what the JVM trusts. */
  public static TransportConfig of(String name) {
    return new TransportConfig(name, Duration.ofSeconds(10), TlsConfig.SYSTEM);
  }
}
