package io.carrick.transport.grpc;

import io.carrick.PeerLimits;
import io.carrick.spi.Endpoint;
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

/**
 * The first handler of a listening socket: refuses connections above the bounds, and guards the
 * others. Touched only on the event loop of the socket.
 */
final class Gate extends ChannelDuplexHandler {

  private static final System.Logger LOG = System.getLogger(Gate.class.getName());

  private final Endpoint endpoint;
  private final boolean bound;
  private final PeerLimits limits;
  private final Doorstep doorstep;
  private final Map<Optional<InetAddress>, Integer> open = new HashMap<>();
  private int all;

  /**
   * @param bound whether the socket has its address already, so that nothing is left to bind
   */
  Gate(Endpoint endpoint, boolean bound, PeerLimits limits) {
    this.endpoint = endpoint;
    this.bound = bound;
    this.limits = limits;
    this.doorstep = new Doorstep(endpoint, limits.unknownPeers());
  }

  Doorstep doorstep() {
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
      if (all >= Limits.CONNECTIONS || count > Limits.CONNECTIONS_PER_ADDRESS) {
        LOG.log(
            System.Logger.Level.WARNING,
            "Refused a connection to {0}: {1} are open, {2} from the same address",
            endpoint,
            all,
            count - 1);
        accepted.unsafe().closeForcibly();
        return;
      }
      enter(context, accepted, from, count);
    }
    super.channelRead(context, message);
  }

  private void enter(
      ChannelHandlerContext context, Channel accepted, Optional<InetAddress> from, int count) {
    all++;
    open.put(from, count);
    boolean tls = endpoint.scheme().equals(GrpcAddress.SECURE);
    Door door = new Door(accepted, doorstep, limits, tls);
    accepted
        .closeFuture()
        .addListener(
            closed -> {
              doorstep.leave(door);
              context.executor().execute(() -> leave(from));
            });
    accepted.pipeline().addFirst(new Guard(endpoint, tls, door));
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
