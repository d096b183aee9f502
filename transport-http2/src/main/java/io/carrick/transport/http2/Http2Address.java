package io.carrick.transport.http2;

import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;

/**
 * What an endpoint says.
 *
 * @param peer its host and port
 * @param tls whether it asks for TLS
 */
record Http2Address(HostPort peer, boolean tls) {

  static final String PLAIN = "http";
  static final String SECURE = "https";

  private static final String FORMS = "http://host:port or https://host:port";

  /**
   * The address that an endpoint names.
   *
   * @throws io.carrick.EndpointException if it names none
   */
  static Http2Address of(Endpoint endpoint) {
    return switch (endpoint.scheme()) {
      case PLAIN -> new Http2Address(HostPort.of(endpoint, FORMS), false);
      case SECURE -> new Http2Address(HostPort.of(endpoint, FORMS), true);
      default -> throw HostPort.bad(endpoint, "has a scheme of another transport", FORMS);
    };
  }
}
