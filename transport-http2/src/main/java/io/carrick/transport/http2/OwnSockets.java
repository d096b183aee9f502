package io.carrick.transport.http2;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;

/**
 * The sockets of one connect. OkHttp leaves Nagle's algorithm on, and cannot close a socket whose
 * peer does not read while it writes there. Safe for use by any thread.
 */
final class OwnSockets extends SocketFactory {

  private static final System.Logger LOG = System.getLogger(OwnSockets.class.getName());

  // By its lock.
  private final List<Socket> sockets = new ArrayList<>(1); // One for each address, at most.
  private boolean closed;

  @Override
  public Socket createSocket() throws IOException {
    Socket socket = new Socket(Proxy.NO_PROXY); // Not SOCKS either.
    synchronized (this) {
      sockets.add(socket);
      if (closed) {
        close();
        throw new SocketException("the connect was given up");
      }
    }
    socket.setTcpNoDelay(true);
    return socket;
  }

  /** Closes them, whatever is written there, and lets no other one be made. Does not block. */
  synchronized void close() {
    closed = true;
    for (Socket each : sockets) {
      try {
        each.close();
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "A socket stays", e);
      }
    }
    sockets.clear();
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
