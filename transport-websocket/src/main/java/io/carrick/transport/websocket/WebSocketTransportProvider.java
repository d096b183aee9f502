package io.carrick.transport.websocket;

import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.Set;

/**
 * Gives the transport of {@code ws://host:port} and {@code wss://host:port}: each session is one
 * WebSocket connection (RFC 6455). Any thread may use it.
 */
public final class WebSocketTransportProvider implements TransportProvider {

  /** Behind HTTP/2, since clients mask each byte. */
  private static final int COST = 40;

  /** Creates the provider; {@link java.util.ServiceLoader} does so, too. */
  public WebSocketTransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(WebSocketAddress.PLAIN, WebSocketAddress.SECURE);
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    boolean tls = WebSocketAddress.of(endpoint).tls();
    SecurityLevel security = tls ? withTls(config.tls()) : SecurityLevel.NONE;
    return Capabilities.of(security)
        .withAuthenticatesPeer(tls)
        .withHttpProxies(true)
        .withCost(COST);
  }

  /** With an own identity it is the service that decides whether to ask for it. */
  private static SecurityLevel withTls(TlsConfig tls) {
    return tls.identity() == null ? SecurityLevel.SERVER_AUTHENTICATED : SecurityLevel.MUTUAL;
  }

  @Override
  public Transport create(TransportConfig config) {
    return new WebSocketTransport(config);
  }
}
