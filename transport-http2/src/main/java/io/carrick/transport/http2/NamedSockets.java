package io.carrick.transport.http2;

import io.carrick.tls.TlsContexts;
import io.carrick.tls.TlsTrust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS of one connect, which asks for the certificate of whom the endpoint names, whatever address
 * is connected to, and checks it in the handshake.
 */
final class NamedSockets extends SSLSocketFactory {

  private static final int REFUSAL_MILLIS = 1_000;

  private final SSLSocketFactory sockets;
  private final TlsTrust trust;
  private final String name;
  private volatile @Nullable SSLSocket last;

  /**
   * @throws io.carrick.EndpointException if the files cannot be used
   */
  NamedSockets(Dialer.Target target, TlsContexts tls) {
    this.sockets = tls.client(target.endpoint()).getSocketFactory();
    this.trust = tls.trust();
    String expected = tls.expectedName(target.endpoint());
    this.name = expected == null ? bare(target.address().peer().host()) : expected;
  }

  /** An address without its brackets and its zone. */
  private static String bare(String host) {
    return host.startsWith("[") ? host.replaceAll("[\\[\\]]|%.*", "") : host;
  }

  TlsTrust trust() {
    return trust;
  }

  /** What the request says whom it is for. */
  String authority(int port) {
    return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + port;
  }

  /** What the handshake has proved. */
  SSLSession session() {
    return Objects.requireNonNull(last).getSession();
  }

  /**
   * What the service says of this side, if it closed a finished handshake. In TLS 1.3 it looks at
   * the certificate of a client when that goes on already: who writes then may find the socket
   * closed, and loses what was said. So this asks again, and says all of its part in one write.
   */
  IOException refusal(IOException failure, OwnSockets sockets) {
    SSLSocket first = last;
    boolean told = failure instanceof SSLHandshakeException || failure instanceof ProtocolException;
    if (first == null || told) {
      return failure;
    }
    try (Socket raw = sockets.createPatient()) {
      raw.connect(first.getRemoteSocketAddress(), REFUSAL_MILLIS);
      raw.setSoTimeout(REFUSAL_MILLIS);
      createSocket(raw, name, first.getPort(), true).getInputStream().read();
      return failure;
    } catch (SSLException e) {
      return e;
    } catch (IOException e) {
      return failure;
    }
  }

  @Override
  public Socket createSocket(Socket raw, String host, int port, boolean autoClose)
      throws IOException {
    SSLSocket socket = (SSLSocket) sockets.createSocket(raw, name, port, autoClose);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    last = socket;
    return socket;
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return sockets.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return sockets.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException("OkHttp connects them itself");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("OkHttp connects them itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException("OkHttp connects them itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("OkHttp connects them itself");
  }
}
