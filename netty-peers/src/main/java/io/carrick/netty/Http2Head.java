package io.carrick.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The first handler of a stream of HTTP/2: its headers say who takes it. Stays, to count what makes
 * this side reset streams (CVE-2025-55163). On its loop.
 */
final class Http2Head extends ChannelInboundHandlerAdapter {

  // RFC 9113, section 6.5.2.
  private static final int ENTRY_BYTES = 32;

  private final HttpConnection connection;
  private boolean taken;

  Http2Head(HttpConnection connection) {
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (taken) {
      context.fireChannelRead(message);
      return;
    }
    if (!(message instanceof Http2HeadersFrame head)) {
      ReferenceCountUtil.release(message); // Of a stream that was refused.
      return;
    }
    CharSequence path = head.headers().path();
    if (path == null || path.length() == 0 || head.headers().method() == null) {
      refuse(context, head, "400", "this is no request of HTTP");
    } else if (path.length() > HttpLimits.LINE_BYTES) {
      refuse(context, head, "414", "a path may have " + HttpLimits.LINE_BYTES + " bytes");
    } else if (enters(context.channel(), sizeOf(head.headers()))) {
      take(
          context,
          head,
          HttpHead.of(true, head.headers().method().toString(), path.toString(), ""));
    } else {
      refuse(context, head, "429", HttpRefusal.TOO_MUCH);
    }
  }

  private void take(ChannelHandlerContext context, Http2HeadersFrame head, HttpHead told) {
    HttpTaker taker = connection.socket().find(told);
    if (taker == null) {
      refuse(context, head, "404", HttpRefusal.NOBODY);
      return;
    }
    ChannelPipeline pipeline = context.pipeline();
    if (!(taker instanceof HttpTaker.OfStreams)) {
      pipeline.addLast(
          new Http2StreamFrameToHttpObjectCodec(true), new HttpBody(connection.door(), true));
    }
    pipeline.addLast(taker.handler(connection), HttpTail.INSTANCE);
    taken = true;
    context.fireChannelRead(head);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    if (cause instanceof Http2Exception.StreamException) {
      connection.faulty();
    }
    super.exceptionCaught(context, cause);
  }

  /** Whether a peer that is not known may have this open beside its other streams. */
  private boolean enters(Channel stream, int bytes) {
    Door door = connection.door();
    boolean known = door.isKnown();
    if (!known && !door.callBegins(bytes)) {
      return false;
    }
    connection.opens();
    stream
        .closeFuture()
        .addListener(
            closed -> {
              connection.closes();
              if (!known) {
                door.callEnds(bytes);
              }
            });
    return true;
  }

  private void refuse(
      ChannelHandlerContext context, Http2HeadersFrame head, String status, String why) {
    ByteBuf text = ByteBufUtil.writeUtf8(context.alloc(), why + "\n");
    Http2Headers headers =
        new DefaultHttp2Headers()
            .status(status)
            .set("content-type", "text/plain; charset=utf-8")
            .setInt("content-length", text.readableBytes());
    context.write(new DefaultHttp2HeadersFrame(headers));
    Future<?> answer = context.writeAndFlush(new DefaultHttp2DataFrame(text, true));
    Door door = connection.door();
    AnswerPace pace = new AnswerPace(context.executor(), () -> cut(context, door));
    pace.writes(answer, true);
    if (!head.isEndStream()) {
      endLater(context);
    }
  }

  /** Ends a stream at once, and its connection if that takes nothing either. */
  static void cut(ChannelHandlerContext context, Door door) {
    Future<?> reset = context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    context.channel().close();
    context
        .executor()
        .schedule(
            () -> {
              if (!reset.isDone()) {
                door.cut();
              }
            },
            HttpLimits.LINGER_SECONDS,
            TimeUnit.SECONDS);
  }

  /**
   * Ends a stream whose response is over and whose request is not (RFC 9113, section 8.1): not at
   * once, since there are clients that give the response up then.
   */
  static void endLater(ChannelHandlerContext context) {
    Future<?> end =
        context
            .executor()
            .schedule(
                () -> context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)),
                HttpLimits.LINGER_SECONDS,
                TimeUnit.SECONDS);
    context.channel().closeFuture().addListener(closed -> end.cancel(false));
  }

  private static int sizeOf(Http2Headers headers) {
    int size = 0;
    for (Map.Entry<CharSequence, CharSequence> entry : headers) {
      size += entry.getKey().length() + entry.getValue().length() + ENTRY_BYTES;
    }
    return size;
  }
}
