package io.carrick.transport.memory;

import io.carrick.EndpointException;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Gives the transport of {@code memory:name}: peers in one process, for tests and for parts of one
 * application. Any thread may use it.
 */
public final class MemoryTransportProvider implements TransportProvider {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~-]{1,255}");

  /** Creates the provider; {@link java.util.ServiceLoader} does so, too. */
  public MemoryTransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("memory");
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    nameOf(endpoint);
    return Capabilities.of(SecurityLevel.MUTUAL)
        .withAuthenticatesPeer(true)
        .withSameHostOnly(true)
        .withCost(0);
  }

  @Override
  public Transport create(TransportConfig config) {
    return new MemoryTransport(config);
  }

  static String nameOf(Endpoint endpoint) {
    String name = endpoint.uri().getRawSchemeSpecificPart();
    if (!endpoint.scheme().equals("memory")
        || endpoint.uri().getRawFragment() != null
        || !NAME.matcher(name).matches()) {
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "endpoint "
              + endpoint
              + " does not name a place in memory: write memory:name, with 1 to 255 of the"
              + " characters A-Z a-z 0-9 . _ ~ -",
          null);
    }
    return name;
  }
}
