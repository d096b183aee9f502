package io.carrick.transport.http2;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one connect. OkHttp leaves Nagle's algorithm on, cannot close a socket whose peer
 * does not read while it writes there, and keeps all that comes before the answer. Safe for use by
 * any thread.
 */
final class OwnSockets extends SocketFactory {

  private static final System.Logger LOG = System.getLogger(OwnSockets.class.getName());

  /**
   * What may come before the call is answered: TLS with its certificates, and of headers as much as
   * OkHttp takes itself, which counts each block of them and not all of them.
   */
  static final int UNANSWERED_BYTES = 512 * 1024;

  private volatile boolean answered;
  private volatile @Nullable Unanswered unanswered;

  /** Too much came before the call was answered. */
  static final class Unanswered extends IOException {
    private static final long serialVersionUID = 1L;

    Unanswered() {
      super("more than " + UNANSWERED_BYTES + " bytes came, and no answer to the call");
    }
  }

  // By its lock.
  private final List<Socket> sockets = new ArrayList<>(1); // One for each address, at most.
  private boolean closed;

  @Override
  public Socket createSocket() throws IOException {
    return open(false);
  }

  /** One that sends what was written to it only when it is read. */
  Socket createPatient() throws IOException {
    return open(true);
  }

  private Socket open(boolean patient) throws IOException {
    Socket socket = new Counted(patient);
    socket.setTcpNoDelay(true); // Makes the descriptor, which a close before this would leave open.
    synchronized (this) {
      sockets.add(socket);
      if (closed) {
        close();
        throw new SocketException("the connect was given up");
      }
    }
    return socket;
  }

  /** The call is answered: from now on the session says how much may come. */
  void answered() {
    answered = true;
  }

  /** What ended the connect, whichever thread of OkHttp noticed it first; null if it did not. */
  @Nullable Unanswered unanswered() {
    return unanswered;
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

  /** Fails where too much comes before the answer. */
  private final class Counted extends Socket {

    private final @Nullable ByteArrayOutputStream gathered;

    Counted(boolean patient) {
      super(Proxy.NO_PROXY); // Not SOCKS either.
      gathered = patient ? new ByteArrayOutputStream() : null;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return gathered == null ? super.getOutputStream() : gathered;
    }

    private void send() throws IOException {
      if (gathered != null) {
        gathered.writeTo(super.getOutputStream());
        gathered.reset();
      }
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {

        private long come;

        @Override
        public int read() throws IOException {
          send();
          return counted(super.read(), 1);
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
          send();
          int read = super.read(bytes, from, length);
          return counted(read, read);
        }

        private int counted(int result, int bytes) throws IOException {
          if (!answered && result >= 0 && (come += bytes) > UNANSWERED_BYTES) {
            Unanswered failure = new Unanswered();
            unanswered = failure;
            Counted.this.close(); // Or OkHttp waits to say so to who does not read.
            throw failure;
          }
          return result;
        }
      };
    }
  }
}
