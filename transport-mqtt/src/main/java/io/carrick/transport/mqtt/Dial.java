package io.carrick.transport.mqtt;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.TransportLifecycle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;

/** One attempt to connect: subscribes to a topic of its own, knocks, and waits. On the loop. */
final class Dial implements MqttChannel.Owner {

  /** An instance that is closing refuses; the broker mostly finds another one then. */
  private static final int MOST_KNOCKS = 3;

  private static final byte[] NOTHING = new byte[0];

  private final Executor loop;
  private final Endpoint endpoint;
  private final MqttAddress address;
  private final BrokerClient client;
  private final TransportLifecycle open;
  private final CompletableFuture<Connection> attempt;
  private final long seconds;
  private final Knock knock;
  private final String in;
  private @Nullable MqttChannel channel;
  private int knocks;

  Dial(
      Executor loop,
      Endpoint endpoint,
      BrokerClient client,
      TransportLifecycle open,
      CompletableFuture<Connection> attempt,
      long seconds) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.address = MqttAddress.of(endpoint);
    this.client = client;
    this.open = open;
    this.attempt = attempt;
    this.seconds = seconds;
    this.knock = new Knock(Knock.tag(), client.id());
    this.in = Knock.toDialler(knock.connection());
  }

  void start() {
    if (attempt.isDone()) {
      return;
    }
    try {
      client.require(address.qos(), false);
    } catch (EndpointException e) {
      attempt.completeExceptionally(e);
      return;
    }
    client.subscribe(
        in,
        in,
        address.qos(),
        this::heard,
        failure -> {
          if (failure == null) {
            knock();
          } else {
            fail(failure);
          }
        });
    attempt.whenComplete(
        (connection, failure) -> {
          if (failure != null) {
            loop.execute(this::giveUp);
          }
        });
  }

  private void knock() {
    if (!attempt.isDone()) {
      knocks++;
      client.publish(
          address.door(),
          NOTHING,
          1,
          knock.properties(seconds),
          failure -> {
            if (failure != null) {
              fail(failure);
            }
          });
    }
  }

  private void fail(Throwable failure) {
    attempt.completeExceptionally(Failures.of(endpoint, "cannot connect to " + endpoint, failure));
  }

  private void heard(MqttMessage message) {
    if (channel != null) {
      channel.take(message);
      return;
    }
    Header header = Header.of(message.getProperties());
    String peer = Knock.clientIn(message.getProperties());
    if (header == null || peer == null || attempt.isDone()) {
      return;
    }
    if (header.kind() == Header.Kind.OPENED) {
      opened(peer);
    } else if (header.kind() == Header.Kind.REFUSED && knocks < MOST_KNOCKS) {
      knock();
    } else if (header.kind() == Header.Kind.REFUSED) {
      attempt.completeExceptionally(
          new ConnectException(
              "cannot connect to "
                  + endpoint
                  + ": no service listens there (the last one is closing); start it",
              null));
    }
  }

  private void opened(String peer) {
    MqttChannel made =
        new MqttChannel(
            loop,
            client,
            new MqttChannel.Topics(in, Knock.toAcceptor(knock.connection()), peer, address.qos()),
            PeerInfo.of(endpoint.toString()).withBrokered(true),
            Integer.MAX_VALUE,
            this);
    channel = made;
    if (!attempt.complete(made.connection())) {
      made.connection().close(CloseReason.local("the connect was cancelled"));
    }
  }

  /** Nobody wants it any more; a service that has opened, or will, is told so. */
  private void giveUp() {
    if (channel == null) {
      client.unsubscribe(in, in);
      client.publish(
          Knock.toAcceptor(knock.connection()),
          NOTHING,
          0,
          new Header(Header.Kind.END, 0, 0).properties(),
          failure -> {});
    }
  }

  @Override
  public void ended(MqttChannel ended) {
    open.forget(ended.connection());
  }
}
