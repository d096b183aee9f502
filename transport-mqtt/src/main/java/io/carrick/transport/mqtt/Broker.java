package io.carrick.transport.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;

/**
 * A broker as one transport uses it: one client at a time, which all its connections share, since
 * Paho takes 300 ms to connect. Paho's own reconnecting forgets subscriptions; here a client that
 * is lost is replaced by another one, at once where somebody dials, and else, while somebody
 * listens, after 100 ms, then twice that, and so on up to 5 s. On the loop.
 */
final class Broker {

  private static final int LEAST_WAIT_MILLIS = 100;
  private static final int MOST_WAIT_MILLIS = 5_000;

  private static final System.Logger LOG = System.getLogger(Broker.class.getName());

  private final Executor loop;
  private final Supplier<BrokerClient> clients;
  private final List<Door> doors = new ArrayList<>();
  private @Nullable BrokerClient client;
  private int waitMillis = LEAST_WAIT_MILLIS;
  private boolean waiting;
  private boolean told;
  private boolean closed;

  /**
   * Not connected yet.
   *
   * @param clients gives another client each time
   */
  Broker(Executor loop, Supplier<BrokerClient> clients) {
    this.loop = loop;
    this.clients = clients;
  }

  /** The client that is connected, or being connected. */
  CompletableFuture<BrokerClient> client() {
    BrokerClient present = client;
    if (present == null || present.lost().isDone()) {
      BrokerClient next = clients.get();
      client = next;
      next.lost().thenAccept(this::lost);
      next.ready().thenAccept(this::connected);
      next.connect();
      present = next;
    }
    return present.ready();
  }

  private void connected(BrokerClient connected) {
    for (Door door : List.copyOf(doors)) {
      door.open(
          connected,
          failure -> {
            if (failure == null) {
              waitMillis = LEAST_WAIT_MILLIS;
              told = false;
            } else {
              connected.lost(Failures.textOf(failure));
            }
          });
    }
  }

  private void lost(String why) {
    if (!doors.isEmpty()) {
      if (!told) {
        told = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "nobody reaches {0} until its broker takes this side again: {1}",
            doors.get(0).endpoint(),
            why);
      }
      again();
    }
  }

  private void again() {
    if (waiting || closed) {
      return;
    }
    waiting = true;
    int wait = waitMillis;
    waitMillis = Math.min(2 * wait, MOST_WAIT_MILLIS);
    CompletableFuture.delayedExecutor(wait, TimeUnit.MILLISECONDS, loop)
        .execute(
            () -> {
              waiting = false;
              if (!doors.isEmpty() && !closed) {
                client();
              }
            });
  }

  /** Opens a door at each client from now on, but for the present one. */
  void add(Door door) {
    doors.add(door);
  }

  /** Shuts a door, and what nobody else has open. */
  void remove(Door door) {
    BrokerClient present = client;
    if (doors.remove(door) && present != null) {
      for (String topic : door.topics()) {
        if (doors.stream().noneMatch(other -> other.topics().contains(topic))) {
          present.unsubscribe(Door.SHARE + topic, topic);
        }
      }
    }
  }

  /** Somebody knocks: one of the doors opens, or none. */
  void knocked(BrokerClient at, String topic, MqttMessage knock) {
    Knock from = Knock.of(knock.getProperties());
    if (from != null) {
      doors.stream()
          .filter(door -> door.topics().contains(topic))
          .findFirst()
          .ifPresentOrElse(
              door -> door.knocked(at, from),
              () -> from.answer(at, Header.Kind.REFUSED, failure -> {}));
    }
  }

  /** Whether nobody listens here, and no client is left. */
  boolean isUnused() {
    return doors.isEmpty() && (client == null || client.lost().isDone());
  }

  /** Ends. */
  void close() {
    closed = true;
    if (client != null) {
      client.end();
    }
  }
}
