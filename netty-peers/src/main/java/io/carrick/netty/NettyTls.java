package io.carrick.netty;

import io.carrick.EndpointException;
import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsContexts;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of one transport, as Netty takes it. Its files are read when they are first needed. Safe
 * for use by any thread.
 */
public final class NettyTls {

  /**
   * How long a client that has shown its certificate once may come again without it, also when its
   * authority is no longer trusted: 60 s.
   */
  private static final long TICKET_SECONDS = 60;

  private final TlsContexts contexts;

  /** What a messenger was given. */
  public NettyTls(TlsConfig config) {
    this.contexts = new TlsContexts(config);
  }

  /**
   * What connections to an endpoint use; a new one each, so that no handshake is cut short by what
   * an earlier one proved.
   *
   * @param protocols that this side speaks, by ALPN (RFC 7301), the best first
   * @throws EndpointException if the files cannot be used
   */
  public SslContext client(Endpoint endpoint, String... protocols) {
    return build(endpoint, SslContextBuilder.forClient().keyManager(contexts.keys()), protocols);
  }

  /**
   * What a listener uses.
   *
   * @param plain how to listen without TLS, for who has no certificate
   * @param protocols that this side speaks, by ALPN (RFC 7301), the best first; who offers none of
   *     them gets a connection without one
   * @throws EndpointException if there is no identity, or the files cannot be used
   */
  public SslContext server(Endpoint endpoint, String plain, String... protocols) {
    ClientAuth asked =
        switch (contexts.clientAuthentication()) {
          case NONE -> ClientAuth.NONE;
          case OPTIONAL -> ClientAuth.OPTIONAL;
          case REQUIRED -> ClientAuth.REQUIRE;
        };
    return build(
        endpoint,
        SslContextBuilder.forServer(contexts.serverKeys(endpoint, plain))
            .clientAuth(asked)
            .sessionTimeout(TICKET_SECONDS),
        protocols);
  }

  private SslContext build(Endpoint endpoint, SslContextBuilder builder, String... protocols) {
    try {
      return builder
          .trustManager(contexts.trust())
          .sslProvider(SslProvider.JDK)
          .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  protocols))
          .endpointIdentificationAlgorithm("HTTPS")
          .protocols(TlsContexts.VERSION)
          .build();
    } catch (SSLException e) {
      throw TlsContexts.unusable(endpoint, e);
    }
  }

  /** Whom the certificate at an endpoint must be for, with its port; null for its host. */
  public @Nullable String authority(Endpoint endpoint, int port) {
    String name = contexts.expectedName(endpoint);
    if (name == null) {
      return null;
    }
    return (name.indexOf(':') < 0 || name.startsWith("[") ? name : "[" + name + "]") + ":" + port;
  }
}
