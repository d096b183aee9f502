package io.carrick.transport.http2;

import io.carrick.netty.HttpHead;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.HttpTaker;
import io.carrick.spi.Acceptor;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;

/** Takes the calls that carry sessions from an HTTP port. */
record SessionTaker(TransportLifecycle open, Acceptor acceptor) implements HttpTaker.OfStreams {

  @Override
  public boolean takes(HttpHead head) {
    return head.http2() && head.path().equals(SessionCall.PATH);
  }

  @Override
  public ChannelHandler handler(HttpPeer peer) {
    return new First(peer);
  }

  /** Sees the headers of a call, and makes a connection of it. */
  private final class First extends ChannelInboundHandlerAdapter {

    private final HttpPeer peer;

    First(HttpPeer peer) {
      this.peer = peer;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!(message instanceof Http2HeadersFrame begin)) {
        ReferenceCountUtil.release(message);
        return;
      }
      CharSequence type = begin.headers().get("content-type");
      if (!"POST".contentEquals(begin.headers().method()) || begin.isEndStream()) {
        refuse(context, "405", "a session is a POST with an endless body");
      } else if (type == null || !SessionCall.CONTENT_TYPE.contentEquals(type)) {
        refuse(context, "415", "the content type of a session is " + SessionCall.CONTENT_TYPE);
      } else {
        accept(context);
      }
    }

    private void accept(ChannelHandlerContext context) {
      ServerStream stream = new ServerStream(open, peer, context.channel());
      context.pipeline().replace(this, null, stream);
      Http2Headers answer =
          new DefaultHttp2Headers().status("200").set("content-type", SessionCall.CONTENT_TYPE);
      context.channel().writeAndFlush(new DefaultHttp2HeadersFrame(answer));
      open.accept(stream.connection(), acceptor);
      if (!stream.connection().isAwaited()) {
        peer.door().admit();
      }
    }

    private void refuse(ChannelHandlerContext context, String status, String why) {
      Http2Headers answer = new DefaultHttp2Headers().status(status).set("allow", "POST");
      context.write(new DefaultHttp2HeadersFrame(answer.set("content-type", "text/plain")));
      context
          .writeAndFlush(
              new DefaultHttp2DataFrame(ByteBufUtil.writeUtf8(context.alloc(), why + "\n"), true))
          .addListener(ChannelFutureListener.CLOSE); // The rest of its body is reset.
    }
  }
}
