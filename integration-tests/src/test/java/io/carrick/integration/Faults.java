package io.carrick.integration;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What happens to the connections of one service's messengers over {@link FaultyTransports}. A test
 * finds it by the service's name, which must be its own.
 */
final class Faults {

  private static final Map<String, Faults> ALL = new ConcurrentHashMap<>();

  private final String service;
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Set<FaultyConnection> connections = ConcurrentHashMap.newKeySet();
  private final List<Opened> opened = new CopyOnWriteArrayList<>();
  private final Queue<Long> attempts = new ConcurrentLinkedQueue<>();
  private volatile boolean breaksOnClose;

  /** A connection that was opened, and when. */
  record Opened(String endpoint, long nanos) {}

  private Faults(String service) {
    this.service = service;
  }

  static Faults of(String service) {
    return ALL.computeIfAbsent(service, Faults::new);
  }

  /** Fails each attempt to connect there. */
  void refuse(String endpoint) {
    refused.add(endpoint);
  }

  void admit(String endpoint) {
    refused.remove(endpoint);
  }

  /** Lets the transport throw an error when it is closed. */
  void breakOnClose() {
    breaksOnClose = true;
  }

  /** Closes this side's connections of an endpoint. */
  void kill(String endpoint) {
    at(endpoint).forEach(connection -> connection.close(CloseReason.local("killed by the test")));
  }

  /** Swallows what this side sends and gets over the present connections of an endpoint. */
  void blackHole(String endpoint) {
    at(endpoint).forEach(FaultyConnection::blackHole);
  }

  /** The connections of an endpoint that are open. */
  List<FaultyConnection> at(String endpoint) {
    return connections.stream().filter(c -> c.endpoint().equals(endpoint)).toList();
  }

  /** Every connection that was ever opened, in order. */
  List<Opened> opened() {
    return opened;
  }

  /** When anybody tried to connect, whether it was refused or not, after a moment; in order. */
  List<Long> attemptsAfter(long nanos) {
    return attempts.stream().filter(attempt -> attempt - nanos >= 0).sorted().toList();
  }

  void attempted() {
    attempts.add(System.nanoTime());
  }

  boolean refuses(Endpoint endpoint) {
    return refused.contains(endpoint.toString());
  }

  FaultyConnection opened(Endpoint endpoint, Connection connection) {
    FaultyConnection faulty =
        new FaultyConnection(endpoint.toString(), connection, connections::remove);
    connections.add(faulty);
    opened.add(new Opened(endpoint.toString(), System.nanoTime()));
    return faulty;
  }

  void forget() {
    ALL.remove(service, this);
    if (breaksOnClose) {
      throw new NoClassDefFoundError("thrown by the test");
    }
  }
}
