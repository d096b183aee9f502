package io.carrick.transport.http2;

import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.Set;

/**
 * Gives the transport of {@code http://host:port} and {@code https://host:port}: sessions in the
 * two bodies of one HTTP/2 call each. Any thread may use it.
 */
public final class Http2TransportProvider implements TransportProvider {

  /** Behind gRPC, which serves more of the same listener. */
  private static final int COST = 35;

  /** Creates the provider; {@link java.util.ServiceLoader} does so, too. */
  public Http2TransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(Http2Address.PLAIN, Http2Address.SECURE);
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    boolean tls = Http2Address.of(endpoint).tls();
    SecurityLevel security = tls ? withTls(config.tls()) : SecurityLevel.NONE;
    return Capabilities.of(security).withAuthenticatesPeer(tls).withCost(COST);
  }

  /** With an own identity it is the service that decides whether to ask for it. */
  private static SecurityLevel withTls(TlsConfig tls) {
    return tls.identity() == null ? SecurityLevel.SERVER_AUTHENTICATED : SecurityLevel.MUTUAL;
  }

  @Override
  public Transport create(TransportConfig config) {
    return new Http2Transport(config);
  }
}
