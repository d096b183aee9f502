package io.carrick.transport.websocket;

import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Calls;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A transport for a test, whose listener echoes. */
final class Echo implements AutoCloseable {

  final Transport transport;
  final RecordingReceiver received = new RecordingReceiver();
  final Listener listener;

  Echo() {
    this("ws://127.0.0.1:0");
  }

  Echo(String endpoint) {
    this(endpoint, TlsConfig.SYSTEM);
  }

  Echo(String endpoint, TlsConfig tls) {
    this(endpoint, tls, PeerLimits.DEFAULT, Echo::echo, new NoCalls());
  }

  Echo(String endpoint, TlsConfig tls, PeerLimits peers, Acceptor acceptor, Calls calls) {
    transport = transportWith(tls, peers);
    listener =
        Await.result(transport.listen(Endpoint.parse(endpoint), ListenContext.of(acceptor, calls)));
  }

  static Transport transportWith(TlsConfig tls) {
    return transportWith(tls, PeerLimits.DEFAULT);
  }

  private static Transport transportWith(TlsConfig tls, PeerLimits peers) {
    return new WebSocketTransportProvider()
        .create(
            TransportConfig.of("test")
                .withConnectTimeout(Duration.ofSeconds(5))
                .withTls(tls)
                .withPeers(peers));
  }

  int port() {
    return listener.endpoint().uri().getPort();
  }

  Connection connect() {
    Connection connection = Await.result(transport.connect(listener.endpoint()));
    connection.receive(received);
    return connection;
  }

  /** Sends one frame there and takes it back; the nanoseconds that it took. */
  long roundTrip(Connection connection) {
    long start = System.nanoTime();
    connection.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    connection.flush();
    received.nextFrame();
    return System.nanoTime() - start;
  }

  Throwable listenFailure(String endpoint) {
    return Await.failure(
        transport.listen(Endpoint.parse(endpoint), ListenContext.of(Echo::echo, new NoCalls())),
        Await.LONG_ENOUGH);
  }

  Throwable connectFailure(String endpoint) {
    return Await.failure(transport.connect(Endpoint.parse(endpoint)), Await.LONG_ENOUGH);
  }

  @Override
  public void close() {
    transport.close();
  }

  static void echo(Connection connection) {
    connection.receive(
        new Receiver() {
          @Override
          public void onFrame(ByteBuffer frame) {
            connection.send(frame);
          }

          @Override
          public void onBatchEnd() {
            connection.flush();
          }

          @Override
          public void onWritable() {}

          @Override
          public void onClosed(CloseReason reason) {}
        });
  }
}
