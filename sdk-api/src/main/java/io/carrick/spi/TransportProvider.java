package io.carrick.spi;

import java.util.Set;

/**
 * Found by {@link java.util.ServiceLoader}: gives the transport of one or more URI schemes. The
 * provider is cheap: it starts no thread and opens no file.
 */
public interface TransportProvider {

  /** The URI schemes it serves, in lower case; at least one. */
  Set<String> schemes();

  /**
   * What connections of an endpoint will have with a configuration.
   *
   * @throws io.carrick.EndpointException if the endpoint is not well formed for its scheme
   */
  Capabilities capabilities(Endpoint endpoint, TransportConfig config);

  /** A new transport that the caller owns and closes. */
  Transport create(TransportConfig config);
}
