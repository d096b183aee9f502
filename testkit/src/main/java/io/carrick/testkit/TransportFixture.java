package io.carrick.testkit;

import io.carrick.TlsConfig;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server's transport and a client's, for one test. */
final class TransportFixture implements AutoCloseable {

  /** What a connect to nobody may take; the transport is told. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** The two ends of a connection, with nothing received yet. */
  record Link(Connection client, Connection server) {}

  final Transport server;
  final Transport client;
  private final List<RecordingReceiver> receivers = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

  TransportFixture(TransportProvider provider, TlsConfig tls) {
    server =
        provider.create(
            TransportConfig.of("server").withConnectTimeout(CONNECT_TIMEOUT).withTls(tls));
    client =
        provider.create(
            TransportConfig.of("client").withConnectTimeout(CONNECT_TIMEOUT).withTls(tls));
  }

  Listener listen(Endpoint endpoint) {
    return listen(endpoint, accepted::add);
  }

  Listener listen(Endpoint endpoint, Acceptor acceptor) {
    return Await.result(server.listen(endpoint, ListenContext.of(acceptor, new NoCalls())));
  }

  CompletionStage<Listener> tryListen(Endpoint endpoint) {
    return server.listen(endpoint, ListenContext.of(accepted::add, new NoCalls()));
  }

  Link connect(Listener listener) {
    Connection connection = Await.result(client.connect(listener.endpoint()));
    return new Link(connection, nextAccepted());
  }

  Connection nextAccepted() {
    return nextAccepted(Await.LONG_ENOUGH);
  }

  Connection nextAccepted(Duration max) {
    try {
      Connection connection = accepted.poll(max.toMillis(), TimeUnit.MILLISECONDS);
      if (connection == null) {
        throw new AssertionError("No connection was accepted in time");
      }
      return connection;
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  RecordingReceiver receive(Connection connection) {
    RecordingReceiver receiver = track(new RecordingReceiver());
    connection.receive(receiver);
    return receiver;
  }

  /** Remembers a receiver for {@link #faults()}. */
  <T extends RecordingReceiver> T track(T receiver) {
    receivers.add(receiver);
    return receiver;
  }

  int receivers() {
    return receivers.size();
  }

  /** What any connection did that the contract forbids. */
  List<String> faults() {
    return receivers.stream().flatMap(r -> r.faults().stream()).toList();
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
