package io.carrick.transport.unix;

import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import io.carrick.unix.PeerCredentials;
import io.carrick.unix.UnixAddress;
import java.util.Set;

/**
 * Gives the transport of {@code unix:/absolute/path}: peers on one host, known to each other by
 * what the kernel says of them. Any thread may use it.
 */
public final class UnixTransportProvider implements TransportProvider {

  /** Creates the provider; {@link java.util.ServiceLoader} does so, too. */
  public UnixTransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("unix");
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    UnixAddress.pathOf(endpoint);
    boolean known = PeerCredentials.supported();
    SecurityLevel security = known ? SecurityLevel.MUTUAL : SecurityLevel.NONE;
    return Capabilities.of(security)
        .withAuthenticatesPeer(known)
        .withSameHostOnly(true)
        .withCost(5);
  }

  @Override
  public Transport create(TransportConfig config) {
    return new UnixTransport(config);
  }
}
