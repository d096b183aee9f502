package io.carrick.transport.websocket;

import io.carrick.TlsConfig;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A service and a client of it, each with a transport of its own. */
final class Link implements AutoCloseable {

  static final Duration TIMEOUT = Duration.ofSeconds(5);

  final Transport server;
  final Transport client;
  private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

  Link() {
    this(TlsConfig.SYSTEM, TlsConfig.SYSTEM);
  }

  Link(TlsConfig serverTls, TlsConfig clientTls) {
    this(serverTls, clientTls, TIMEOUT);
  }

  Link(TlsConfig serverTls, TlsConfig clientTls, Duration connectTimeout) {
    server = create("server", serverTls, TIMEOUT);
    client = create("client", clientTls, connectTimeout);
  }

  private static Transport create(String name, TlsConfig tls, Duration connectTimeout) {
    return new WebSocketTransportProvider()
        .create(TransportConfig.of(name).withConnectTimeout(connectTimeout).withTls(tls));
  }

  Listener listen(String endpoint) {
    return Await.result(
        server.listen(Endpoint.parse(endpoint), ListenContext.of(accepted::add, new NoCalls())));
  }

  Throwable failureToListen(String endpoint) {
    return Await.failure(
        server.listen(Endpoint.parse(endpoint), ListenContext.of(accepted::add, new NoCalls())),
        Await.LONG_ENOUGH);
  }

  Connection connect(String endpoint) {
    return Await.result(client.connect(Endpoint.parse(endpoint)));
  }

  Throwable failureToConnect(String endpoint) {
    return Await.failure(client.connect(Endpoint.parse(endpoint)), Await.LONG_ENOUGH);
  }

  Connection accepted() throws InterruptedException {
    Connection next = accepted.poll(Await.LONG_ENOUGH.toMillis(), TimeUnit.MILLISECONDS);
    if (next == null) {
      throw new AssertionError("nobody connected");
    }
    return next;
  }

  static RecordingReceiver receive(Connection connection) {
    RecordingReceiver receiver = new RecordingReceiver();
    connection.receive(receiver);
    return receiver;
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
