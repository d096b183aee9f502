package io.carrick.netty;

import io.carrick.spi.Endpoint;
import io.carrick.transport.support.UnknownPeers;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The first handler of a listening socket: guards connections. Above the bounds the oldest that is
 * not known goes; where all are known, the newcomer. Touched only on the event loop of the socket.
 */
final class Gate extends ChannelDuplexHandler {

  private static final System.Logger LOG = System.getLogger(Gate.class.getName());

  private static final int FIRST_PAUSE_MILLIS = 20;
  private static final int LONGEST_PAUSE_MILLIS = 500;

  /** So long nothing may fail before it says that it works again. */
  private static final int CALM_MILLIS = 1_000;

  private final Endpoint endpoint;
  private final boolean bound;
  private final Guards guards;
  private final UnknownPeers<Door> doorstep;
  private final Map<Optional<InetAddress>, Integer> open = new HashMap<>();
  private final Seldom refused = new Seldom();
  private int all;
  private int pauseMillis; // While it cannot accept.
  private long failedNanos;

  /**
   * @param bound whether the socket has its address already, so that nothing is left to bind
   */
  Gate(Endpoint endpoint, boolean bound, Guards guards) {
    this.endpoint = endpoint;
    this.bound = bound;
    this.guards = guards;
    this.doorstep = new UnknownPeers<>(endpoint, guards.limits().unknownPeers());
  }

  UnknownPeers<Door> doorstep() {
    return doorstep;
  }

  @Override
  public void bind(ChannelHandlerContext context, SocketAddress address, ChannelPromise promise)
      throws Exception {
    if (bound) {
      promise.setSuccess();
    } else {
      super.bind(context, address, promise);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof Channel accepted) {
      Optional<InetAddress> from = addressOf(accepted);
      int count = open.getOrDefault(from, 0) + 1;
      boolean ofAddress = count > ListenLimits.CONNECTIONS_PER_ADDRESS;
      boolean full = all >= ListenLimits.CONNECTIONS || ofAddress;
      // The place of one that is not known yet is free, even if it takes a moment to go.
      if (full && !doorstep.shedOldest(ofAddress ? from::equals : any -> true)) {
        refuse(accepted, count);
        return;
      }
      enter(context, accepted, from, count);
    }
    super.channelRead(context, message);
  }

  private void refuse(Channel accepted, int count) {
    accepted.unsafe().closeForcibly();
    long times = refused.count();
    if (times > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Refused {0} connections to {1}: {2} are open, {3} from the same address, all of peers"
              + " that are known",
          times,
          endpoint,
          all,
          count - 1);
    }
  }

  /** Accepting failed, mostly for want of descriptors: says so once, and tries again. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    boolean first = pauseMillis == 0;
    failedNanos = System.nanoTime();
    int next = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis));
    // Its end comes first: where there is no memory for that there is no pause.
    context
        .executor()
        .schedule(() -> context.channel().config().setAutoRead(true), next, TimeUnit.MILLISECONDS);
    context.channel().config().setAutoRead(false);
    if (first) {
      lookLater(context);
    }
    pauseMillis = next;
    if (first) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Cannot accept on {0}, trying again until it works: {1}; look at the limit of open files",
          endpoint,
          cause);
    }
  }

  /** It works again if nothing failed for a while. */
  private void look(ChannelHandlerContext context) {
    if (!context.channel().isOpen()) {
      return;
    }
    if (System.nanoTime() - failedNanos < TimeUnit.MILLISECONDS.toNanos(CALM_MILLIS)) {
      lookLater(context);
    } else {
      pauseMillis = 0;
      LOG.log(System.Logger.Level.WARNING, "{0} accepts connections again", endpoint);
    }
  }

  private void lookLater(ChannelHandlerContext context) {
    context.executor().schedule(() -> look(context), CALM_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void enter(
      ChannelHandlerContext context, Channel accepted, Optional<InetAddress> from, int count) {
    all++;
    open.put(from, count);
    Door door = new Door(accepted, from, doorstep, guards.limits(), guards.tls());
    accepted
        .closeFuture()
        .addListener(
            closed -> {
              doorstep.leave(door);
              context.executor().execute(() -> leave(from));
            });
    guards.each().accept(accepted);
    accepted.pipeline().addFirst(new Guard(endpoint, guards.tls(), guards.http(), door));
    doorstep.arrive(door);
  }

  private void leave(Optional<InetAddress> from) {
    all--;
    open.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
  }

  private static Optional<InetAddress> addressOf(Channel accepted) {
    return accepted.remoteAddress() instanceof InetSocketAddress inet
        ? Optional.ofNullable(inet.getAddress())
        : Optional.empty();
  }
}
