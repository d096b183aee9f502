package io.carrick.netty;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;

/** The last handler: what nobody wanted is given back, and what failed is closed. */
@Sharable
final class HttpTail extends ChannelInboundHandlerAdapter {

  static final HttpTail INSTANCE = new HttpTail();

  private static final System.Logger LOG = System.getLogger(HttpTail.class.getName());

  private HttpTail() {}

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.log(
        System.Logger.Level.DEBUG,
        "{0} failed: {1}; closed",
        context.channel().remoteAddress(),
        cause);
    if (!(cause instanceof Http2Exception.StreamException)) { // Which its codec resets.
      context.close();
    }
  }
}
