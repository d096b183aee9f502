package io.carrick.netty;

import io.carrick.transport.support.Allowance;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;

/** The last handler of a connection of HTTP/2: what belongs to no stream. On its loop. */
final class Http2Rest extends ChannelInboundHandlerAdapter {

  private static final System.Logger LOG = System.getLogger(Http2Rest.class.getName());

  private final HttpConnection connection;
  private final Http2FrameCodec codec;

  private final Allowance pings = new Allowance(HttpLimits.PINGS, HttpLimits.PING_WINDOW_SECONDS);

  Http2Rest(HttpConnection connection, Http2FrameCodec codec) {
    this.connection = connection;
    this.codec = codec;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ReferenceCountUtil.release(message);
    if (message instanceof Http2SettingsFrame) {
      widen(context);
      connection.begun();
    } else if (message instanceof Http2PingFrame && context.channel().isActive() && !pings.take()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} sent more than {1} PING frames in {2} s; closed",
          context.channel().remoteAddress(),
          HttpLimits.PINGS,
          HttpLimits.PING_WINDOW_SECONDS);
      connection.door().cut();
    }
  }

  /** The window of the connection is no setting (RFC 9113, section 6.9.2). */
  private void widen(ChannelHandlerContext context) throws Http2Exception {
    var stream = codec.connection().connectionStream();
    var flow = codec.connection().local().flowController();
    int more = ListenLimits.WINDOW_BYTES - flow.initialWindowSize(stream);
    if (more > 0) {
      flow.incrementWindowSize(stream, more);
      context.flush();
    }
  }

  /** Who does not read what it is answered asks for no more, or answers would wait without end. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      connection.readOn();
    } else {
      context.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.log(
        System.Logger.Level.DEBUG,
        "{0} broke HTTP/2: {1}; closed",
        context.channel().remoteAddress(),
        cause);
    context.close();
  }

  /** Lets the peer begin no more streams. */
  void goAway() {
    connection.connection().writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
  }
}
