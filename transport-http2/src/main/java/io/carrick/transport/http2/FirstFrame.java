package io.carrick.transport.http2;

import io.carrick.netty.Door;
import io.carrick.spi.Acceptor;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Sees what a call is about, and makes a connection of one that carries a session. */
final class FirstFrame extends ChannelInboundHandlerAdapter {

  private static final int ENTRY_BYTES = 32; // RFC 9113, section 6.5.2.

  private final TransportLifecycle open;
  private final Acceptor acceptor;
  private final Streams streams;

  FirstFrame(TransportLifecycle open, Acceptor acceptor, Streams streams) {
    this.open = open;
    this.acceptor = acceptor;
    this.streams = streams;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof Http2HeadersFrame begin)) {
      ReferenceCountUtil.release(message);
      return;
    }
    Http2Headers headers = begin.headers();
    if (!SessionCall.PATH.contentEquals(headers.path())) {
      refuse(context, "404", "this port serves sessions of Carrick: POST " + SessionCall.PATH);
    } else if (!"POST".contentEquals(headers.method()) || begin.isEndStream()) {
      refuse(context, "405", "a session is a POST with an endless body");
    } else if (!isSession(headers)) {
      refuse(context, "415", "the content type of a session is " + SessionCall.CONTENT_TYPE);
    } else {
      accept(context, sizeOf(headers));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    Streams.fail(context, failure);
  }

  private static boolean isSession(Http2Headers headers) {
    CharSequence type = headers.get("content-type");
    return type != null && SessionCall.CONTENT_TYPE.contentEquals(type);
  }

  private void accept(ChannelHandlerContext context, int metadataBytes) {
    Door door = Door.of(context.channel().parent());
    if (!door.isKnown()) {
      if (!door.callBegins(metadataBytes)) {
        refuse(context, "431", "the headers of this call are too much beside those of the others");
        return;
      }
      context.channel().closeFuture().addListener(closed -> door.callEnds(metadataBytes));
    }
    ServerStream stream = new ServerStream(open, streams, context.channel());
    context.pipeline().replace(this, "session", stream);
    Http2Headers answer =
        new DefaultHttp2Headers().status("200").set("content-type", SessionCall.CONTENT_TYPE);
    context.channel().writeAndFlush(new DefaultHttp2HeadersFrame(answer));
    open.accept(stream.connection(), acceptor);
    if (!stream.connection().isAwaited()) {
      door.admit();
    }
  }

  private static void refuse(ChannelHandlerContext context, String status, String why) {
    Http2Headers answer =
        new DefaultHttp2Headers().status(status).set("content-type", "text/plain");
    if (status.equals("405")) {
      answer.set("allow", "POST");
    }
    context.write(new DefaultHttp2HeadersFrame(answer));
    context
        .writeAndFlush(
            new DefaultHttp2DataFrame(
                ByteBufUtil.encodeString(
                    context.alloc(), CharBuffer.wrap(why + "\n"), StandardCharsets.US_ASCII),
                true))
        .addListener(ChannelFutureListener.CLOSE); // The rest of its body is reset.
  }

  /** As HTTP/2 counts it. */
  private static int sizeOf(Http2Headers headers) {
    int size = 0;
    for (Map.Entry<CharSequence, CharSequence> each : headers) {
      size += each.getKey().length() + each.getValue().length() + ENTRY_BYTES;
    }
    return size;
  }
}
