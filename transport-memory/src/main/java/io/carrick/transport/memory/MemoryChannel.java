package io.carrick.transport.memory;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.FrameSource;
import io.carrick.transport.support.Packet;
import io.carrick.transport.support.PacketChannel;
import io.carrick.transport.support.PacketReader;
import io.carrick.transport.support.QueuedConnection;
import io.carrick.transport.support.TransportLifecycle;
import java.util.LinkedList;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pair: hands packets to the other end as that asks for them. Both ends are on the
 * same loop, so that nothing changes threads on its way.
 */
final class MemoryChannel implements PacketChannel {

  private static final FrameSource PACKETS = PacketReader::next;

  private final TransportLifecycle open;
  private final Executor loop;
  private final QueuedConnection connection;

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<Packet> input = new LinkedList<>(); // One; more of an end that closed.

  private @Nullable MemoryChannel other; // Set before anybody else sees this channel.
  private int wanted;
  private boolean delivering;
  private boolean peerEnded;

  MemoryChannel(TransportLifecycle open, Executor loop, Endpoint endpoint) {
    this.open = open;
    this.loop = loop;
    PeerInfo peer =
        PeerInfo.of(endpoint.toString())
            .withPrincipal(new Principal("memory", "local"))
            .withSecurity(SecurityLevel.MUTUAL)
            .withSameHost(true);
    this.connection = new QueuedConnection(loop, this, peer);
  }

  void join(MemoryChannel peer) {
    other = peer;
    peer.other = this;
  }

  QueuedConnection connection() {
    return connection;
  }

  @Override
  public boolean isReady() {
    return other().wanted > 0;
  }

  @Override
  public boolean send(Packet packet) {
    return other().arrive(packet);
  }

  @Override
  public void request(int more) {
    wanted += more;
    if (!delivering) {
      loop.execute(this::goOn);
    }
  }

  @Override
  public void end(CloseReason reason) {
    open.forget(connection);
    other().peerEnded = true;
    other().deliver();
  }

  private void goOn() {
    deliver();
    other().connection.onReady();
  }

  /** Whether the packet has been read. */
  private boolean arrive(Packet packet) {
    input.add(packet);
    deliver();
    return input.isEmpty();
  }

  private void deliver() {
    delivering = true;
    for (Packet next; wanted > 0 && (next = input.poll()) != null; ) {
      wanted--;
      connection.onInput(next.buffer(), PACKETS);
    }
    delivering = false;
    if (peerEnded && input.isEmpty()) {
      connection.onEnd(CloseReason.peer("the peer closed the connection"));
    }
  }

  private MemoryChannel other() {
    return Objects.requireNonNull(other);
  }
}
