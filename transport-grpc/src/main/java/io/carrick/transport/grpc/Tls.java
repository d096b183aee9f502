package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsKeys;
import io.carrick.tls.TlsTrust;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The TLS of one transport. Its files are read when they are first needed. */
final class Tls {

  private static final String VERSION = "TLSv1.3";

  /**
   * How long a client that has shown its certificate once may come again without it, also when its
   * authority is no longer trusted: 60 s.
   */
  private static final long TICKET_SECONDS = 60;

  private final TlsConfig config;

  // By its lock.
  private @Nullable TlsTrust trust;
  private @Nullable TlsKeys keys;
  private boolean read;

  Tls(TlsConfig config) {
    this.config = config;
  }

  /**
   * What connections to an endpoint use; a new one each, so that no handshake is cut short by what
   * an earlier one proved.
   *
   * @throws EndpointException if the files cannot be used
   */
  SslContext client(Endpoint endpoint) {
    read();
    return build(endpoint, SslContextBuilder.forClient().keyManager(keys));
  }

  /**
   * What a listener uses.
   *
   * @throws EndpointException if there is no identity, or the files cannot be used
   */
  SslContext server(Endpoint endpoint) {
    read();
    if (keys == null) {
      throw new EndpointException(
          StatusCode.FAILED_PRECONDITION,
          "cannot listen on "
              + endpoint
              + ": TLS needs a certificate and its key; set tls(TlsConfig) with an identity, or"
              + " listen on grpc:// where the network is trusted",
          null);
    }
    ClientAuth asked =
        switch (config.clientAuthentication()) {
          case NONE -> ClientAuth.NONE;
          case OPTIONAL -> ClientAuth.OPTIONAL;
          case REQUIRED -> ClientAuth.REQUIRE;
        };
    return build(
        endpoint,
        SslContextBuilder.forServer(keys).clientAuth(asked).sessionTimeout(TICKET_SECONDS));
  }

  private synchronized void read() {
    if (!read) {
      trust = new TlsTrust(config.trust());
      keys = config.identity() == null ? null : new TlsKeys(config.identity());
      read = true;
    }
  }

  private SslContext build(Endpoint endpoint, SslContextBuilder builder) {
    try {
      return GrpcSslContexts.configure(builder.trustManager(trust), SslProvider.JDK)
          .protocols(VERSION)
          .build();
    } catch (SSLException e) {
      throw new EndpointException(
          StatusCode.FAILED_PRECONDITION,
          "cannot use TLS for " + endpoint + ": " + e.getMessage() + "; check the JVM's providers",
          e);
    }
  }

  /** Whom the certificate at an endpoint must be for, with its port; null for its host. */
  @Nullable String authority(Endpoint endpoint, GrpcAddress address) {
    String name = config.serverName() == null ? endpoint.serverName() : config.serverName();
    if (name == null) {
      return null;
    }
    return (name.indexOf(':') < 0 || name.startsWith("[") ? name : "[" + name + "]")
        + ":"
        + address.port();
  }
}
