package io.carrick.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Takers for tests. */
final class HttpTakers {

  private HttpTakers() {}

  /** Requests whose path begins so: says back what it was sent. */
  static HttpTaker echo(String path) {
    return requests(path, Echo::new);
  }

  static HttpTaker requests(String path, Function<HttpPeer, ChannelHandler> handler) {
    return new HttpTaker.OfRequests() {
      @Override
      public boolean takes(HttpHead head) {
        return head.path().startsWith(path);
      }

      @Override
      public ChannelHandler handler(HttpPeer peer) {
        return handler.apply(peer);
      }
    };
  }

  /** Streams of a path: says back each DATA. */
  static HttpTaker session(String path) {
    return new HttpTaker.OfStreams() {
      @Override
      public boolean takes(HttpHead head) {
        return head.path().equals(path);
      }

      @Override
      public ChannelHandler handler(HttpPeer peer) {
        return new Frames();
      }
    };
  }

  /** Upgrades to a protocol of this name: says back its bytes. */
  static HttpTaker upgrade(String name) {
    return new HttpTaker.OfUpgrades() {
      @Override
      public boolean takes(HttpHead head) {
        return head.upgrade().equals(name);
      }

      @Override
      public ChannelHandler handler(HttpPeer peer) {
        return new Upgraded(name);
      }
    };
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {

    private final HttpPeer peer;
    private final StringBuilder text = new StringBuilder();

    Echo(HttpPeer peer) {
      this.peer = peer;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest head) {
        peer.door().admit();
        if (head.uri().contains("stop")) {
          context.channel().config().setAutoRead(false);
        }
        text.append(head.method()).append(' ').append(head.uri()).append(' ');
      }
      if (message instanceof HttpContent content) {
        text.append(content.content().toString(StandardCharsets.UTF_8));
      }
      if (message instanceof LastHttpContent) {
        ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        if (text.indexOf("/stream") < 0) {
          context.writeAndFlush(
              new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body));
        } else {
          context.write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
          context.write(new DefaultHttpContent(body));
          context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
      }
      ReferenceCountUtil.release(message);
    }
  }

  /** Answers nothing, and counts who is there. */
  static final class Silent extends ChannelInboundHandlerAdapter {

    private final AtomicInteger there;

    Silent(AtomicInteger there) {
      this.there = there;
      there.incrementAndGet();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      there.decrementAndGet();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  private static final class Frames extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2DataFrame data) {
        context.writeAndFlush(new DefaultHttp2DataFrame(data.content(), data.isEndStream()));
      } else {
        context.writeAndFlush(
            new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
      }
    }
  }

  private static final class Upgraded extends ChannelInboundHandlerAdapter {

    private final String name;

    Upgraded(String name) {
      this.name = name;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof LastHttpContent) {
        DefaultFullHttpResponse answer =
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        answer.headers().set(HttpHeaderNames.UPGRADE, name);
        answer.headers().set(HttpHeaderNames.CONNECTION, "upgrade");
        context.writeAndFlush(answer);
      } else if (message instanceof ByteBuf) {
        context.writeAndFlush(message);
        return;
      }
      ReferenceCountUtil.release(message);
    }
  }
}
