package io.carrick.tls;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of one transport, for whatever library it uses. Its files are read when they are first
 * needed. Safe for use by any thread.
 */
public final class TlsContexts {

  /** The only version that is spoken. */
  public static final String VERSION = "TLSv1.3";

  private final TlsConfig config;

  // By its lock.
  private @Nullable TlsTrust trust;
  private @Nullable TlsKeys keys;

  /** What a messenger was given. */
  public TlsContexts(TlsConfig config) {
    this.config = config;
  }

  /**
   * Whom this side believes.
   *
   * @throws EndpointException if the files cannot be used
   */
  public synchronized TlsTrust trust() {
    if (trust == null) {
      trust = new TlsTrust(config.trust());
    }
    return trust;
  }

  /**
   * Who this side is; null for nobody.
   *
   * @throws EndpointException if the files cannot be used
   */
  public synchronized @Nullable TlsKeys keys() {
    if (keys == null && config.identity() != null) {
      keys = new TlsKeys(config.identity());
    }
    return keys;
  }

  /**
   * Who this side is as a service.
   *
   * @param plain how to listen without TLS
   * @throws EndpointException if there is no identity, or the files cannot be used
   */
  public TlsKeys serverKeys(Endpoint endpoint, String plain) {
    TlsKeys own = keys();
    if (own == null) {
      throw new EndpointException(
          StatusCode.FAILED_PRECONDITION,
          "cannot listen on "
              + endpoint
              + ": TLS needs a certificate and its key; set tls(TlsConfig) with an identity, or"
              + " listen on "
              + plain
              + " where the network is trusted",
          null);
    }
    return own;
  }

  /**
   * What connections to an endpoint use, for libraries that take one of the JDK; a new one each, so
   * that no handshake is cut short by what an earlier one proved.
   *
   * @throws EndpointException if the files cannot be used
   */
  public SSLContext client(Endpoint endpoint) {
    KeyManager own = keys();
    try {
      SSLContext context = SSLContext.getInstance(VERSION);
      context.init(own == null ? null : new KeyManager[] {own}, new TrustManager[] {trust()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw unusable(endpoint, e);
    }
  }

  /** What to throw where the JVM can do no TLS. */
  public static EndpointException unusable(Endpoint endpoint, Exception cause) {
    return new EndpointException(
        StatusCode.FAILED_PRECONDITION,
        "cannot use TLS for "
            + endpoint
            + ": "
            + cause.getMessage()
            + "; check the JVM's providers",
        cause);
  }

  /** Whether a service asks its callers for a certificate. */
  public TlsConfig.ClientAuthentication clientAuthentication() {
    return config.clientAuthentication();
  }

  /** Whom the certificate at an endpoint must be for; null for its host. */
  public @Nullable String expectedName(Endpoint endpoint) {
    return config.serverName() == null ? endpoint.serverName() : config.serverName();
  }
}
