package io.carrick.transport.mqtt;

import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.ConfirmedChannel;
import io.carrick.transport.support.FrameSource;
import io.carrick.transport.support.PacketReader;
import io.carrick.transport.support.UnknownPeers;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedList;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection over a broker: packets are numbered, so that what the broker loses,
 * repeats or turns round is found, and each end says how many more it takes, so that a peer that
 * reads nothing stops the other one before the broker's queue is full, which would drop messages in
 * silence. On the loop.
 */
final class MqttChannel extends ConfirmedChannel implements UnknownPeers.Peer {

  /** Packets that may be on their way. */
  static final int WINDOW = 32;

  private static final int GRANT_EVERY = 8;

  /** A handshake goes packet by packet, as everything does until its peer is known. */
  private static final int FIRST_GRANT = 1;

  private static final FrameSource PACKETS = PacketReader::next;
  private static final byte[] NOTHING = new byte[0];

  private final Executor loop;
  private final BrokerClient client;
  private final Topics topics;
  private final int unknownBytes;
  private final Owner owner;
  private final Consumer<String> gone = this::gone;

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<byte[]> input = new LinkedList<>(); // As many as were granted.

  private long sent;
  private long allowed = FIRST_GRANT;
  private long arrived;
  private long arrivedBytes;
  private long delivered;
  private long granted = FIRST_GRANT;
  private int wanted;
  private boolean reading;
  private boolean delivering;
  private boolean granting;
  private boolean admitted;
  private boolean over;
  private boolean tricked;
  private @Nullable CloseReason peerEnded;

  /**
   * The topics of one end.
   *
   * @param in what this end has subscribed to
   * @param out where it publishes
   * @param peer the client of the other end
   * @param qos with which it publishes
   */
  record Topics(String in, String out, String peer, int qos) {}

  /** Who is told of it, on the loop. */
  interface Owner {

    /** The node knows the peer. */
    default void known(MqttChannel channel) {}

    /** It is closed, and the client has nothing of it any more. */
    void ended(MqttChannel channel);
  }

  /**
   * An end that nothing has come to.
   *
   * @param unknownBytes what it takes before the peer is known
   */
  MqttChannel(
      Executor loop,
      BrokerClient client,
      Topics topics,
      PeerInfo peer,
      int unknownBytes,
      Owner owner) {
    super(loop, io.carrick.spi.Transport.HIGH_WATER_BYTES, peer);
    this.loop = loop;
    this.client = client;
    this.topics = topics;
    this.unknownBytes = unknownBytes;
    this.owner = owner;
    client.watch(topics.peer, gone);
  }

  /** Whether it is not closed. */
  boolean isOpen() {
    return !over;
  }

  /** A message has come on its topic. */
  void take(MqttMessage message) {
    Header header = Header.of(message.getProperties());
    if (over || header == null) {
      return;
    }
    if (header.granted() > allowed) {
      allowed = header.granted();
      proceed();
    }
    switch (header.kind()) {
      case DATA -> data(header.number(), message.getPayload());
      case END -> endOfPeer(header.number());
      case GRANT, OPENED, REFUSED -> {
        // There is no more in it.
      }
    }
  }

  private void data(long number, byte[] body) {
    if (number <= arrived) {
      if (topics.qos == 0) {
        trick("repeated", number);
      }
      return;
    }
    if (isMissing(number - arrived - 1)) {
      return;
    }
    arrived = number;
    arrivedBytes += body.length;
    if (number > granted) {
      connection()
          .close(
              CloseReason.protocol(
                  "packet " + number + " came, and no more than " + granted + " were allowed"));
    } else if (!isKnown() && arrivedBytes > unknownBytes) {
      connection()
          .close(
              CloseReason.protocol(
                  arrivedBytes
                      + " bytes came of a peer that is not"
                      + " known; it may send "
                      + unknownBytes));
    } else {
      input.add(body);
      deliver();
    }
  }

  private boolean isMissing(long packets) {
    if (packets <= 0) {
      return false;
    }
    trick("lost or out of order", arrived + 1);
    connection()
        .onEnd(
            CloseReason.network("the broker lost " + packets + " packets, or turned them round"));
    return true;
  }

  private void endOfPeer(long number) {
    if (!isMissing(number - arrived)) {
      peerEnded = CloseReason.peer("the peer closed the connection");
      deliver();
    }
  }

  private void trick(String what, long number) {
    if (!tricked) {
      tricked = true;
      BrokerAudit.log(connection().peer().address(), what, number);
    }
  }

  private void gone(String why) {
    if (!over) {
      connection().onEnd(CloseReason.network(why));
    }
  }

  @Override
  public void request(int more) {
    wanted += more;
    reading = true;
    if (!delivering) {
      loop.execute(this::deliver);
    }
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    for (byte[] next; wanted > 0 && (next = input.poll()) != null; ) {
      wanted--;
      delivered++;
      connection().onInput(ByteBuffer.wrap(next), PACKETS);
    }
    delivering = false;
    grant();
    if (peerEnded != null && input.isEmpty()) {
      connection().onEnd(peerEnded);
    }
  }

  private boolean isKnown() {
    return admitted || !connection().isAwaited();
  }

  /** How many packets the peer may send in all, by now. */
  private long mayCome() {
    return reading ? delivered + (isKnown() ? WINDOW : FIRST_GRANT) : granted;
  }

  private void grant() {
    long most = mayCome();
    if (!over && !granting && most - granted >= (isKnown() ? GRANT_EVERY : 1)) {
      granting = true; // One at a time, so that a broker that reads nothing keeps few of them.
      granted = most;
      publish(
          new Header(Header.Kind.GRANT, 0, most),
          NOTHING,
          failure -> {
            granting = false;
            grant();
          });
    }
  }

  @Override
  public void admit() {
    loop.execute(
        () -> {
          admitted = true;
          owner.known(this);
          grant();
        });
  }

  @Override
  protected boolean hasRoom() {
    return sent < allowed;
  }

  @Override
  protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
    byte[] body = new byte[packet.remaining()];
    packet.get(body);
    granted = Math.max(granted, mayCome());
    publish(new Header(Header.Kind.DATA, ++sent, granted), body, confirmed);
  }

  private void publish(Header header, byte[] body, Consumer<@Nullable Throwable> confirmed) {
    client.publish(topics.out, body, topics.qos, header.properties(), confirmed);
  }

  @Override
  protected void cut(CloseReason reason) {
    over = true;
    input.clear();
    client.unsubscribe(topics.in, topics.in);
    client.unwatch(topics.peer, gone);
    switch (reason.kind()) {
      case LOCAL, PROTOCOL ->
          publish(
              new Header(Header.Kind.END, sent, granted), NOTHING, failure -> owner.ended(this));
      case PEER, NETWORK -> owner.ended(this);
    }
  }

  @Override
  public Optional<InetAddress> from() {
    return Optional.empty(); // The broker knows.
  }

  @Override
  public void shed() {
    connection().close(CloseReason.local("more peers wait than may be unknown"));
  }
}
