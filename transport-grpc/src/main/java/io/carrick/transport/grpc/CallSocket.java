package io.carrick.transport.grpc;

import io.carrick.netty.Loops;
import io.carrick.netty.NettyPeers;
import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.edge.EdgeTimer;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.Future;

/** In an accepted connection: tells its calls which connection they are on. */
final class CallSocket extends ChannelInboundHandlerAdapter {

  /** The connection of a call. */
  static final Attributes.Key<Channel> KEY = Attributes.Key.create("carrick-channel");

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    super.userEventTriggered(
        context,
        event instanceof ProtocolNegotiationEvent start ? identified(context, start) : event);
  }

  private static ProtocolNegotiationEvent identified(
      ChannelHandlerContext context, ProtocolNegotiationEvent start) {
    Attributes known = InternalProtocolNegotiationEvent.getAttributes(start);
    return InternalProtocolNegotiationEvent.withAttributes(
        start, known.toBuilder().set(KEY, context.channel()).build());
  }

  /**
   * Runs what is due later for a call, as all that happens to it: on the loop of its connection.
   */
  static EdgeTimer timer(Attributes attributes) {
    EventLoop loop = Objects.requireNonNull(attributes.get(KEY), "the connection").eventLoop();
    return (delay, task) -> {
      Future<?> timer = Loops.later(loop, delay, task);
      return () -> timer.cancel(false);
    };
  }

  /** The client of a call, for sessions and plain calls alike. */
  static PeerInfo client(Attributes attributes) {
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    String address =
        remote instanceof InetSocketAddress inet && inet.getAddress() != null
            ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
            : GrpcAddress.UNIX;
    return NettyPeers.of(
        address, attributes.get(KEY), attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
  }
}
