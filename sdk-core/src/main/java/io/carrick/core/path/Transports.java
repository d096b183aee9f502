package io.carrick.core.path;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Installed;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The installed transports by scheme. One transport a provider is made when it is first needed, and
 * closed with the messenger.
 */
public final class Transports implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger("io.carrick.transports");

  /** The end of each {@code carrick-transport-...}, and which is not named by its scheme. */
  private static final Set<String> ARTIFACTS =
      Set.of("memory", "unix", "grpc", "http2", "websocket", "mqtt");

  private static final Map<String, String> NAMES = Map.of("http", "http2", "ws", "websocket");

  /** Schemes that people may expect, and that nothing serves. */
  private static final Set<String> MISSING = Set.of("tcp", "tls");

  private final TransportConfig config;
  private final Map<String, TransportProvider> providers = new TreeMap<>();
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<TransportProvider, Transport> made = new HashMap<>();
  private boolean closed;

  public Transports(TransportConfig config) {
    this(config, Installed.of(TransportProvider.class));
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
  public TransportProvider provider(Endpoint endpoint) {
    TransportProvider provider = providers.get(endpoint.scheme());
    if (provider == null) {
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "no transport for scheme "
              + endpoint.scheme()
              + " of "
              + endpoint
              + " is installed (installed: "
              + (providers.isEmpty() ? "none" : String.join(", ", providers.keySet()))
              + "): "
              + remedy(endpoint.scheme()),
          null);
    }
    return provider;
  }

  private static String remedy(String scheme) {
    String plain = scheme.replaceFirst("(?<=..)s$", ""); // Without TLS.
    String artifact = NAMES.getOrDefault(plain, plain);
    if (ARTIFACTS.contains(artifact)) {
      return "add io.carrick:carrick-transport-" + artifact;
    }
    return MISSING.contains(scheme)
        ? "Carrick has no such transport yet; between machines use grpc:// or grpcs://, within one"
            + " unix:"
        : "use one of these, or install a transport for it";
  }

  /**
   * What an endpoint promises.
   *
   * @throws EndpointException if no transport for it is installed, or it is malformed
   */
  public Capabilities capabilities(Endpoint endpoint) {
    return provider(endpoint).capabilities(endpoint, config);
  }

  public boolean isInstalled(String scheme) {
    return providers.containsKey(scheme);
  }

  /** The transport of an endpoint. */
  public Transport transport(Endpoint endpoint) {
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
      } catch (Throwable e) {
        Contained.say(LOG, System.Logger.Level.WARNING, "a transport did not close", e);
      }
    }
  }
}
