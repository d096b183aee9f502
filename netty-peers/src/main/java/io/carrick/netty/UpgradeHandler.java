package io.carrick.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Waits for the whole of a request to upgrade to WebSocket 13 (RFC 6455). On the loop. */
public abstract class UpgradeHandler extends ChannelInboundHandlerAdapter {

  /** The version of WebSocket (RFC 6455, section 4.1). */
  protected static final String VERSION = "13";

  private @Nullable HttpRequest head;

  /** The request is here: upgrades, or {@linkplain #refuse refuses}. */
  protected abstract void decide(ChannelHandlerContext context, HttpRequest asked);

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest begun) {
      head = begun;
    }
    HttpRequest asked = head;
    boolean whole = message instanceof LastHttpContent;
    ReferenceCountUtil.release(message);
    if (whole && asked != null) {
      head = null;
      decide(context, asked);
    }
  }

  /** Answers why there is no upgrade; the connection stays. */
  protected static void refuse(
      ChannelHandlerContext context, HttpResponseStatus status, String why) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, HttpMethod.GET);
    } else if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
      response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
    }
    context.channel().writeAndFlush(response);
  }
}
