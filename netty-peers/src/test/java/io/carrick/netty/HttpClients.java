package io.carrick.netty;

import io.carrick.spi.Endpoint;
import io.carrick.testkit.Await;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection of HTTP/2 of a client, by prior knowledge or over TLS. */
final class HttpClients implements AutoCloseable {

  /** A stream of it. */
  static final class Stream extends ChannelInboundHandlerAdapter {

    private final StringBuffer text = new StringBuffer();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private @Nullable Http2StreamChannel channel;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2HeadersFrame head) {
        text.append(head.headers().status()).append(' ');
        endIf(head.isEndStream());
      } else if (message instanceof Http2DataFrame data) {
        text.append(data.content().toString(StandardCharsets.UTF_8));
        endIf(data.isEndStream());
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        end.complete(text + "reset " + reset.errorCode());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end.complete(text + "closed");
    }

    private void endIf(boolean last) {
      if (last) {
        end.complete(text.toString());
      }
    }

    /** What has come. */
    String text() {
      return text.toString();
    }

    void write(String data, boolean last) {
      channel.writeAndFlush(
          new DefaultHttp2DataFrame(Unpooled.copiedBuffer(data, StandardCharsets.UTF_8), last));
    }

    String end() {
      return Await.result(end);
    }
  }

  private final Channel channel;

  HttpClients(Loops loops, Endpoint endpoint, @Nullable SslContext tls) throws Exception {
    channel =
        new Bootstrap()
            .group(loops.group())
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel made) {
                    if (tls != null) {
                      made.pipeline().addLast(tls.newHandler(made.alloc(), "localhost", 1));
                    }
                    made.pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient()
                                .encoderIgnoreMaxHeaderListSize(true)
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect("127.0.0.1", endpoint.uri().getPort())
            .sync()
            .channel();
  }

  boolean isOpen() {
    return channel.isActive();
  }

  Stream open(String path, String... headers) throws Exception {
    Stream stream = new Stream();
    stream.channel =
        new Http2StreamChannelBootstrap(channel).handler(stream).open().get(10, TimeUnit.SECONDS);
    Http2Headers head =
        new DefaultHttp2Headers().method("POST").scheme("http").authority("a").path(path);
    for (int i = 0; i < headers.length; i += 2) {
      head.add(headers[i], headers[i + 1]);
    }
    stream.channel.writeAndFlush(new DefaultHttp2HeadersFrame(head, false));
    return stream;
  }

  /** The status and the body of the response. */
  String post(String path, String body, String... headers) throws Exception {
    Stream stream = open(path, headers);
    stream.write(body, true);
    return stream.end();
  }

  @Override
  public void close() {
    channel.close();
  }
}
