package io.carrick.transport.mqtt;

import io.carrick.tls.TlsContexts;
import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * The socket that Paho is given: connects to the broker itself, by TLS where the endpoint says so,
 * and keeps Paho from what it does not survive.
 *
 * <ul>
 *   <li>Nothing is read before something was written: Paho waits for ever for the start of a reader
 *       that has ended already.
 *   <li>A read has no time-out: Paho loses the stream where one falls between the bytes of a
 *       header.
 *   <li>Its thread that writes is woken when all is over: where it is told to end just before it
 *       waits for more, it is not told again, and would wait for ever.
 *   <li>A packet that is larger than this side has told the broker fails before Paho makes an array
 *       for it ({@link InboundPackets}).
 * </ul>
 */
final class BrokerSocket extends Socket {

  private static final System.Logger LOG = System.getLogger(BrokerSocket.class.getName());

  private static final byte[] DISCONNECT = {(byte) 0xe0, 0};

  /** So long, and so often, the thread that writes is given to end. */
  private static final int WAKE_MILLIS = 1_000;

  private static final int MOST_WAKES = 5;

  private final MqttAddress address;
  private final TlsContexts contexts;
  private final long deadlineNanos;
  private final int maxPacketBytes;
  private final Runnable wrote;
  private final CountDownLatch written = new CountDownLatch(1);
  private volatile @Nullable Socket streams; // Where the packets go: TLS, or the next.
  private volatile @Nullable Thread writer; // Of Paho.

  // By its lock.
  private @Nullable Socket connection;
  private boolean cut;

  /**
   * Not connected yet.
   *
   * @param wrote runs when the network has taken what was written at a time; Paho writes each
   *     acknowledgement so
   */
  BrokerSocket(
      MqttAddress address,
      TlsContexts contexts,
      long timeoutMillis,
      int maxPacketBytes,
      Runnable wrote) {
    super(Proxy.NO_PROXY);
    this.wrote = wrote;
    this.maxPacketBytes = maxPacketBytes;
    this.address = address;
    this.contexts = contexts;
    this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
  }

  /** Connects to the broker, whatever Paho says. */
  @Override
  public void connect(SocketAddress ignored, int ignoredTimeout) throws IOException {
    Socket raw = reach();
    streams = address.tls() ? secured(raw) : raw;
  }

  private Socket reach() throws IOException {
    IOException first = null;
    for (InetAddress each : InetAddress.getAllByName(address.peer().host())) {
      Socket raw = new PromptSocket();
      try {
        keep(raw);
        raw.connect(new InetSocketAddress(each, address.peer().port()), millisLeft());
        return raw;
      } catch (IOException e) {
        raw.close();
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    throw first == null ? new SocketException("no address") : first;
  }

  private Socket secured(Socket raw) throws IOException {
    String name = contexts.expectedName(address.broker());
    String host = name == null ? address.peer().host().replaceAll("[\\[\\]]", "") : name;
    SSLSocket tls =
        (SSLSocket)
            contexts
                .client(address.broker())
                .getSocketFactory()
                .createSocket(raw, host, address.peer().port(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    raw.setSoTimeout(millisLeft());
    tls.startHandshake();
    raw.setSoTimeout(0);
    return tls;
  }

  private int millisLeft() throws SocketTimeoutException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    if (left <= 0) {
      throw new SocketTimeoutException("the broker did not answer in time");
    }
    return (int) left;
  }

  private synchronized void keep(Socket socket) throws IOException {
    if (cut) {
      socket.close();
      throw new SocketException("the connect was given up");
    }
    connection = socket;
  }

  private Socket streams() throws SocketException {
    Socket socket = streams;
    if (socket == null) {
      throw new SocketException("not connected");
    }
    return socket;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new InboundPackets(
        new BufferedInputStream(streams().getInputStream()), written, maxPacketBytes);
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(streams().getOutputStream()) {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        writer = Thread.currentThread();
        written.countDown();
        out.write(bytes, from, length);
        wrote.run();
      }

      @Override
      public void write(int b) throws IOException {
        written.countDown();
        out.write(b);
      }
    };
  }

  /**
   * Says DISCONNECT (MQTT 5, 3.14) to the broker. Only where Paho writes nothing: what it wrote
   * last is in the network, so these bytes have room there.
   */
  void disconnect() {
    try {
      streams().getOutputStream().write(DISCONNECT);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "The broker was gone already", e);
    }
  }

  /** Ends the connection without a word, and not behind a write that waits. Any thread. */
  synchronized void cut() {
    if (!cut) {
      cut = true;
      wakeLater(MOST_WAKES);
    }
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "A socket stays", e);
    }
  }

  private void wakeLater(int times) {
    CompletableFuture.delayedExecutor(WAKE_MILLIS, TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              Thread thread = writer;
              if (thread != null && thread.isAlive() && times > 0) {
                thread.interrupt();
                wakeLater(times - 1);
              }
            });
  }

  /** Paho's own end. */
  @Override
  public synchronized void close() {
    written.countDown();
    cut();
  }

  @Override
  public void shutdownInput() {
    // The close that follows does it.
  }

  @Override
  public void setSoTimeout(int ignored) {
    // See above.
  }
}
