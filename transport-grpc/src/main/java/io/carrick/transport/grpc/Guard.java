package io.carrick.transport.grpc;

import io.grpc.Attributes;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of an accepted connection: closes one that does not begin to speak, and tells
 * its calls which connection they are on. Touched only on the event loop.
 */
final class Guard extends ChannelInboundHandlerAdapter {

  /** The connection of a call. */
  static final Attributes.Key<Channel> CHANNEL = Attributes.Key.create("carrick-channel");

  private static final int PREFACE_BYTES = 24; // RFC 9113, section 3.4.

  private int received;
  private @Nullable Future<?> deadline;

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    deadline =
        context
            .executor()
            .schedule(() -> context.close(), Limits.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    super.channelActive(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    endDeadline();
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (deadline != null && message instanceof ByteBuf bytes) {
      received += bytes.readableBytes();
      if (received >= PREFACE_BYTES) {
        endDeadline();
      }
    }
    super.channelRead(context, message);
  }

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
        start, known.toBuilder().set(CHANNEL, context.channel()).build());
  }

  private void endDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }
}
