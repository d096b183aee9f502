package io.carrick.tls;

import io.carrick.TlsConfig;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes the authorities that are in their files now, and certificates that say whom they are for
 * by subject alternative names: a common name names nobody (RFC 9525). Safe for any thread.
 */
public final class TlsTrust extends X509ExtendedTrustManager {

  private final Reloading<X509ExtendedTrustManager> files;

  /**
   * Reads the files; with none, believes the authorities of the JVM.
   *
   * @throws io.carrick.EndpointException if they cannot be used
   */
  public TlsTrust(TlsConfig.@Nullable Source source) {
    files = new Reloading<>(source, () -> Material.trust(source));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    files.get().checkClientTrusted(chain, authType);
    TlsNames.require(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    files.get().checkClientTrusted(chain, authType, socket);
    TlsNames.require(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    files.get().checkClientTrusted(chain, authType, engine);
    TlsNames.require(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    files.get().checkServerTrusted(chain, authType);
    TlsNames.require(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    files.get().checkServerTrusted(chain, authType, socket);
    TlsNames.requireFor(
        chain[0], socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    files.get().checkServerTrusted(chain, authType, engine);
    TlsNames.requireFor(chain[0], engine.getHandshakeSession());
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return files.get().getAcceptedIssuers();
  }
}
