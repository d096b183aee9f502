package io.carrick.integration;

import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every installed transport again, under its scheme with {@code faulty-} before it: what {@link
 * Faults} says happens to its connections.
 */
public final class FaultyTransports implements TransportProvider {

  static final String PREFIX = "faulty-";

  /** Found by the service loader. */
  public FaultyTransports() {}

  static String faulty(String endpoint) {
    return PREFIX + endpoint;
  }

  static Endpoint faulty(Endpoint inner) {
    return Endpoint.parse(faulty(inner.toString()));
  }

  static Endpoint inner(Endpoint faulty) {
    return Endpoint.parse(faulty.toString().substring(PREFIX.length()));
  }

  @Override
  public Set<String> schemes() {
    return installed()
        .flatMap(provider -> provider.schemes().stream())
        .map(FaultyTransports::faulty)
        .collect(Collectors.toSet());
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    Endpoint inner = inner(endpoint);
    return provider(inner).capabilities(inner, config);
  }

  @Override
  public Transport create(TransportConfig config) {
    return new FaultyTransport(config, Faults.of(config.name()));
  }

  static TransportProvider provider(Endpoint inner) {
    return installed()
        .filter(provider -> provider.schemes().contains(inner.scheme()))
        .findFirst()
        .orElseThrow();
  }

  private static Stream<TransportProvider> installed() {
    return ServiceLoader.load(TransportProvider.class, FaultyTransports.class.getClassLoader())
        .stream()
        .filter(found -> found.type() != FaultyTransports.class)
        .map(ServiceLoader.Provider::get);
  }
}
