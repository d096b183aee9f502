package io.carrick.transport.mqtt;

import io.carrick.EndpointException;
import io.carrick.PeerLimits;
import io.carrick.spi.Acceptor;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.TransportLifecycle;
import io.carrick.transport.support.UnknownPeers;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What listens: the door of a service, which all its instances share, so that the broker gives each
 * knock to one of them, and the door of one instance where the endpoint names it. On the loop, but
 * for what {@link Listener} has.
 */
final class Door implements Listener, MqttChannel.Owner {

  static final String SHARE = "$share/carrick/";

  private final Executor loop;
  private final Endpoint endpoint;
  private final MqttAddress address;
  private final Broker broker;
  private final TransportLifecycle open;
  private final Acceptor acceptor;
  private final int unknownBytes;
  private final UnknownPeers<MqttChannel> unknown;

  Door(
      Executor loop,
      Endpoint endpoint,
      Broker broker,
      TransportLifecycle open,
      Acceptor acceptor,
      PeerLimits limits) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.address = MqttAddress.of(endpoint);
    this.broker = broker;
    this.open = open;
    this.acceptor = acceptor;
    this.unknownBytes = limits.unknownBytes();
    this.unknown = new UnknownPeers<>(endpoint, limits.unknownPeers());
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Its topics: one, or two. */
  Set<String> topics() {
    return new LinkedHashSet<>(List.of(address.sharedDoor(), address.door()));
  }

  /**
   * Opens it at a client that is connected.
   *
   * @param opened told once, on the loop, with the failure if there was one
   */
  void open(BrokerClient client, Consumer<@Nullable Throwable> opened) {
    try {
      client.require(address.qos(), true);
    } catch (EndpointException e) {
      opened.accept(e);
      return;
    }
    Iterator<String> rest = topics().iterator();
    openNext(client, rest, opened);
  }

  private void openNext(
      BrokerClient client, Iterator<String> rest, Consumer<@Nullable Throwable> opened) {
    String topic = rest.next();
    client.subscribe(
        SHARE + topic,
        topic,
        0,
        knock -> broker.knocked(client, topic, knock),
        failure -> {
          if (failure == null && rest.hasNext()) {
            openNext(client, rest, opened);
          } else {
            opened.accept(failure);
          }
        });
  }

  /** Somebody asks for a connection. */
  void knocked(BrokerClient client, Knock knock) {
    String in = Knock.toAcceptor(knock.connection());
    if (client.has(in)) {
      return; // Twice the same.
    }
    PeerInfo peer = PeerInfo.of(endpoint.toString()).withBrokered(true);
    MqttChannel channel =
        new MqttChannel(
            loop,
            client,
            new MqttChannel.Topics(
                in, Knock.toDialler(knock.connection()), knock.client(), address.qos()),
            peer,
            unknownBytes,
            this);
    unknown.arrive(channel);
    client.subscribe(
        in,
        in,
        address.qos(),
        channel::take,
        failure -> {
          if (failure == null && channel.isOpen()) {
            knock.answer(client, Header.Kind.OPENED, gone -> accept(channel, gone));
          } else {
            accept(channel, failure);
          }
        });
  }

  private void accept(MqttChannel channel, @Nullable Throwable failure) {
    if (failure != null) {
      channel
          .connection()
          .onEnd(CloseReason.network("it was not opened: " + Failures.textOf(failure)));
    } else if (channel.isOpen()) {
      open.accept(channel.connection(), acceptor);
    }
  }

  @Override
  public void known(MqttChannel channel) {
    unknown.leave(channel);
  }

  @Override
  public void ended(MqttChannel channel) {
    unknown.leave(channel);
    open.forget(channel.connection());
  }

  /** Shuts it: who knocks from now on is refused, or finds another instance. */
  @Override
  public void close() {
    open.forget(this);
    loop.execute(() -> broker.remove(this));
  }
}
