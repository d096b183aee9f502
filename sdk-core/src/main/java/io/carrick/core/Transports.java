package io.carrick.core;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The installed transports by scheme. One transport a provider is made when it is first needed, and
 * closed with the messenger.
 */
final class Transports implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger("io.carrick.transports");

  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "memory", "memory",
          "unix", "unix",
          "grpc", "grpc",
          "grpcs", "grpc",
          "http", "http2",
          "https", "http2",
          "ws", "websocket",
          "wss", "websocket",
          "mqtt", "mqtt",
          "mqtts", "mqtt");

  private final TransportConfig config;
  private final Map<String, TransportProvider> providers = new TreeMap<>();
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<TransportProvider, Transport> made = new HashMap<>();
  private boolean closed;

  Transports(TransportConfig config) {
    this(config, ServiceLoader.load(TransportProvider.class));
  }

  Transports(TransportConfig config, Iterable<TransportProvider> installed) {
    this.config = config;
    for (TransportProvider provider : installed) {
      for (String scheme : provider.schemes()) {
        TransportProvider other = providers.putIfAbsent(scheme, provider);
        if (other != null) {
          LOG.log(
              System.Logger.Level.WARNING,
              "{0} and {1} both serve {2}: the first is used; remove one",
              other.getClass().getName(),
              provider.getClass().getName(),
              scheme);
        }
      }
    }
  }

  /**
   * The provider of an endpoint's scheme.
   *
   * @throws EndpointException if none is installed
   */
  TransportProvider provider(Endpoint endpoint) {
    TransportProvider provider = providers.get(endpoint.scheme());
    if (provider == null) {
      String artifact = ARTIFACTS.get(endpoint.scheme());
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "no transport for scheme "
              + endpoint.scheme()
              + " of "
              + endpoint
              + " is installed (installed: "
              + (providers.isEmpty() ? "none" : String.join(", ", providers.keySet()))
              + "): "
              + (artifact == null
                  ? "use one of these, or install a transport for it"
                  : "add io.carrick:carrick-transport-" + artifact),
          null);
    }
    return provider;
  }

  /**
   * What an endpoint promises.
   *
   * @throws EndpointException if no transport for it is installed, or it is malformed
   */
  Capabilities capabilities(Endpoint endpoint) {
    return provider(endpoint).capabilities(endpoint, config);
  }

  boolean isInstalled(String scheme) {
    return providers.containsKey(scheme);
  }

  /** The transport of an endpoint. */
  Transport transport(Endpoint endpoint) {
    TransportProvider provider = provider(endpoint);
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("messenger " + config.name() + " is closed");
      }
      return made.computeIfAbsent(provider, p -> p.create(config));
    }
  }

  @Override
  public void close() {
    List<Transport> all;
    synchronized (lock) {
      closed = true;
      all = new ArrayList<>(made.values());
      made.clear();
    }
    for (Transport transport : all) {
      try {
        transport.close();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a transport did not close", e);
      }
    }
  }
}
