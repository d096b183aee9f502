package io.carrick.transport.grpc;

import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import io.carrick.unix.PeerCredentials;
import java.util.Set;

/**
 * Gives the transport of {@code grpc://host:port}, {@code grpcs://host:port} and {@code
 * grpc+unix:/path}: sessions tunnelled through one gRPC call each, and the plain gRPC methods of
 * wire.proto for programs without the SDK. Any thread may use it.
 */
public final class GrpcTransportProvider implements TransportProvider {

  private static final int COST_OF_A_HOST = 10;
  private static final int COST_OF_A_NETWORK = 30;

  /** Creates the provider; {@link java.util.ServiceLoader} does so, too. */
  public GrpcTransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(GrpcAddress.PLAIN, GrpcAddress.SECURE, GrpcAddress.UNIX);
  }

  @Override
  public Capabilities capabilities(Endpoint endpoint, TransportConfig config) {
    GrpcAddress address = GrpcAddress.of(endpoint);
    if (address.path() != null) {
      boolean known = PeerCredentials.supported();
      SecurityLevel security = known ? SecurityLevel.MUTUAL : SecurityLevel.NONE;
      return Capabilities.of(security)
          .withAuthenticatesPeer(known)
          .withSameHostOnly(true)
          .withCost(COST_OF_A_HOST);
    }
    return Capabilities.of(address.tls() ? withTls(config.tls()) : SecurityLevel.NONE)
        .withAuthenticatesPeer(address.tls())
        .withCost(COST_OF_A_NETWORK);
  }

  /** With an own identity it is the service that decides whether to ask for it. */
  private static SecurityLevel withTls(TlsConfig tls) {
    return tls.identity() == null ? SecurityLevel.SERVER_AUTHENTICATED : SecurityLevel.MUTUAL;
  }

  @Override
  public Transport create(TransportConfig config) {
    return new GrpcTransport(config);
  }
}
