package io.carrick.transport.websocket;

import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;

/**
 * What an endpoint says.
 *
 * @param peer its host and port
 * @param tls whether it asks for TLS
 */
record WebSocketAddress(HostPort peer, boolean tls) {

  static final String PLAIN = "ws";
  static final String SECURE = "wss";

  private static final String FORMS = "ws://host:port or wss://host:port";

  /**
   * The address that an endpoint names.
   *
   * @throws io.carrick.EndpointException if it names none
   */
  static WebSocketAddress of(Endpoint endpoint) {
    return switch (endpoint.scheme()) {
      case PLAIN -> new WebSocketAddress(HostPort.of(endpoint, FORMS), false);
      case SECURE -> new WebSocketAddress(HostPort.of(endpoint, FORMS), true);
      default -> throw HostPort.bad(endpoint, "has a scheme of another transport", FORMS);
    };
  }
}
