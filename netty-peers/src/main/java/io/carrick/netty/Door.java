package io.carrick.netty;

import io.carrick.PeerLimits;
import io.carrick.transport.support.Pace;
import io.carrick.transport.support.UnknownPeers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An accepted connection until its peer is known: little is read of it ahead. What waits in the
 * network comes when it is known; a peer that only ever waits is closed. Touched only on the event
 * loop.
 */
public final class Door implements Pace.Peer, UnknownPeers.Peer {

  private static final System.Logger LOG = System.getLogger(Door.class.getName());
  private static final AttributeKey<Door> KEY = AttributeKey.valueOf("carrick-door");

  /** What is read at a time, and at least, so that the last bytes take few reads. */
  private static final int SIP_BYTES = 4 * 1024;

  private static final int LAST_SIP_BYTES = 256;

  /** What is read at a time, and in a turn of the loop, of a peer whose frames are small. */
  private static final int SMALL_FRAME_BYTES = 128;

  private static final int DENSE_BYTES = 8 * 1024;

  private final Channel channel;
  private final Optional<InetAddress> from;
  private final UnknownPeers<Door> doorstep;
  private final PeerLimits limits;
  private boolean known;
  private boolean dense;
  private boolean shaking;
  private boolean holding;
  private int taken;
  private int calls;
  private int metadata;
  private final AtomicLong received = new AtomicLong();
  private @Nullable Future<?> patience;
  private int pauses;

  /**
   * @param from where it comes from; empty for a socket of this host
   * @param tls whether the peer has to finish TLS first
   */
  Door(
      Channel channel,
      Optional<InetAddress> from,
      UnknownPeers<Door> doorstep,
      PeerLimits limits,
      boolean tls) {
    this.channel = channel;
    this.from = from;
    this.doorstep = doorstep;
    this.limits = limits;
    this.shaking = tls;
    channel.attr(KEY).set(this);
    channel.config().setRecvByteBufAllocator(new Sips());
  }

  /** That of an accepted connection of a {@link ListeningSocket}. */
  public static Door of(Channel channel) {
    return Objects.requireNonNull(channel.attr(KEY).get(), "the door of an accepted connection");
  }

  @Override
  public Optional<InetAddress> from() {
    return from;
  }

  /** So many frames came with so many bytes: small ones are read in small parts from now on. */
  public void frames(int count, int bytes) {
    dense = bytes < (long) count * SMALL_FRAME_BYTES;
  }

  /** What its listener allows. */
  public PeerLimits limits() {
    return limits;
  }

  /** Whether the node knows the peer. */
  public boolean isKnown() {
    return known;
  }

  @Override
  public boolean isHolding() {
    return holding;
  }

  /** What was read of the socket before the peer was known. Any thread. */
  public long received() {
    return received.get();
  }

  @Override
  public int pauses() {
    return pauses;
  }

  /** The loop of its connection. */
  public EventLoop loop() {
    return channel.eventLoop();
  }

  /** Bytes came from the socket. */
  void read(int bytes) {
    if (!known) {
      received.addAndGet(bytes);
      if (shaking) {
        take(bytes);
      }
    }
  }

  /** TLS is done: what it needed is free again. */
  void shaken() {
    shaking = false;
    taken = 0;
    resume();
  }

  /** Bytes of messages came. They are kept while a call is open, and thrown away otherwise. */
  void take(int bytes) {
    if (known) {
      return;
    }
    boolean kept = calls > 0 || shaking;
    taken = (kept ? taken : 0) + bytes; // These may begin a call.
    if (kept && taken + metadata >= limits.unknownBytes() && !holding) {
      holding = true;
      pauses++;
      channel.config().setAutoRead(false);
      patience =
          channel
              .eventLoop()
              .schedule(this::giveUp, ListenLimits.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** A call begins that tells nothing of its peer yet; false if there are too many of them. */
  public boolean callBegins(int metadataBytes) {
    if (metadata + metadataBytes > metadataLimit()) {
      return false;
    }
    calls++;
    metadata += metadataBytes;
    return true;
  }

  /** How many bytes of metadata the calls of a peer that is not known may hold together. */
  public int metadataLimit() {
    return limits.unknownBytes() / 2;
  }

  /** It is over; with the last one nothing is kept any more. */
  public void callEnds(int metadataBytes) {
    calls--;
    metadata -= metadataBytes;
    if (calls == 0) {
      taken = 0;
      resume();
    }
  }

  /** The node knows the peer. */
  public void admit() {
    if (!known) {
      known = true;
      doorstep.leave(this);
      resume();
    }
  }

  /** Any thread. */
  @Override
  public void shed() {
    Loops.execute(
        channel.eventLoop(),
        () -> {
          if (!known) {
            cut();
          }
        });
  }

  private void resume() {
    if (holding) {
      holding = false;
      endPatience();
      channel.config().setAutoRead(true);
    }
  }

  void endPatience() {
    if (patience != null) {
      patience.cancel(false);
      patience = null;
    }
  }

  private void giveUp() {
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} sent {1} bytes and is not known {2} s later; closed",
        channel.remoteAddress(),
        taken + metadata,
        ListenLimits.HANDSHAKE_SECONDS);
    cut();
  }

  @Override
  public Runnable later(Duration delay, Runnable task) {
    Future<?> timer = loop().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    return () -> timer.cancel(false);
  }

  @Override
  public void tooSlow(String what, long bytes, long least) {
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} sent {1} bytes of {2} in {3}, and at least {4} are asked for; closed. A slow"
            + " network needs a lower PeerLimits.leastBytesPerSecond",
        channel.remoteAddress(),
        bytes,
        what,
        limits.rateWindow(),
        least);
    cut();
  }

  /** Closes the socket at once, whatever its codec waits for. */
  public void cut() {
    ChannelHandlerContext guard = channel.pipeline().context(Guard.class);
    if (guard != null) {
      guard.close();
    }
  }

  private int sip() {
    return Math.max(LAST_SIP_BYTES, Math.min(SIP_BYTES, limits.unknownBytes() - taken - metadata));
  }

  /** Buffers for what is read: small ones until the peer is known. */
  private final class Sips extends AdaptiveRecvByteBufAllocator {

    /** One read in a turn of the loop: then it is the turn of others. */
    Sips() {
      maxMessagesPerRead(1);
    }

    @Override
    @SuppressWarnings("deprecation") // There is no other way to say it.
    public Handle newHandle() {
      return new DelegatingHandle(super.newHandle()) {
        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
          return known && !dense
              ? super.allocate(alloc)
              : alloc.ioBuffer(known ? DENSE_BYTES : sip());
        }
      };
    }
  }
}
