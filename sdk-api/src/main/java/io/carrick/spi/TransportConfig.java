package io.carrick.spi;

import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import java.time.Duration;
import java.util.Objects;

/** What every transport is given. Immutable; built by name. */
public final class TransportConfig {

  /** What a messenger takes where nobody says otherwise. */
  public static final int DEFAULT_MESSAGE_BYTES = 4 << 20;

  private final String name;
  private final Duration connectTimeout;
  private final TlsConfig tls;
  private final PeerLimits peers;
  private final int maxMessageBytes;

  private TransportConfig(
      String name, Duration connectTimeout, TlsConfig tls, PeerLimits peers, int maxMessageBytes) {
    this.name = Objects.requireNonNull(name, "name");
    this.connectTimeout = Objects.requireNonNull(connectTimeout, "connectTimeout");
    this.tls = Objects.requireNonNull(tls, "tls");
    this.peers = Objects.requireNonNull(peers, "peers");
    this.maxMessageBytes = maxMessageBytes;
  }

  /** A time-out of 10 s, TLS with what the JVM trusts, and the default limits. */
  public static TransportConfig of(String name) {
    return new TransportConfig(
        name, Duration.ofSeconds(10), TlsConfig.SYSTEM, PeerLimits.DEFAULT, DEFAULT_MESSAGE_BYTES);
  }

  /** The same with another value of {@link #connectTimeout}. */
  public TransportConfig withConnectTimeout(Duration value) {
    return new TransportConfig(name, value, tls, peers, maxMessageBytes);
  }

  /** The same with another value of {@link #tls}. */
  public TransportConfig withTls(TlsConfig value) {
    return new TransportConfig(name, connectTimeout, value, peers, maxMessageBytes);
  }

  /** The same with another value of {@link #peers}. */
  public TransportConfig withPeers(PeerLimits value) {
    return new TransportConfig(name, connectTimeout, tls, value, maxMessageBytes);
  }

  /** The same with another value of {@link #maxMessageBytes}. */
  public TransportConfig withMaxMessageBytes(int value) {
    return new TransportConfig(name, connectTimeout, tls, peers, value);
  }

  /** The name of the service, for the names of threads. */
  public String name() {
    return name;
  }

  /** The most time that one {@code connect} may take, 10 ms to 5 min. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /** For transports that speak TLS. */
  public TlsConfig tls() {
    return tls;
  }

  /** What peers may take that are not known yet. */
  public PeerLimits peers() {
    return peers;
  }

  /**
   * The largest message that the node takes or sends, for edges that carry messages of their own; 1
   * KiB to 1 GiB.
   */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }
}
