package io.carrick.transport.websocket;

import io.carrick.netty.NettyPeers;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.TransportLifecycle;
import io.carrick.transport.websocket.tyrus.SessionEndpoint;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSession;
import org.glassfish.tyrus.core.TyrusUpgradeResponse;
import org.glassfish.tyrus.spi.ClientEngine;
import org.glassfish.tyrus.spi.UpgradeRequest;
import org.jspecify.annotations.Nullable;

/** Asks for the upgrade that begins a session. Touched only on the event loop of its socket. */
final class ClientHandshake extends ChannelInboundHandlerAdapter {

  /** What an answer may have: as much as listeners take of a request. */
  private static final HttpDecoderConfig LIMITS =
      new HttpDecoderConfig().setMaxInitialLineLength(4 * 1024).setMaxHeaderSize(8 * 1024);

  /** Answers with 1xx before the one that counts. */
  private static final int MOST_INTERIM = 16;

  private final Endpoint endpoint;
  private final String host;
  private final TransportLifecycle open;
  private final CompletableFuture<Connection> attempt;
  private final HttpResponseDecoder decoder = new HttpResponseDecoder(LIMITS);
  private final HttpRequestEncoder encoder = new HttpRequestEncoder();
  private int interim;
  private @Nullable WebSocketChannel channel;
  private @Nullable ClientEngine engine;

  /**
   * @param host for the header of that name
   */
  ClientHandshake(
      Endpoint endpoint,
      String host,
      TransportLifecycle open,
      CompletableFuture<Connection> attempt) {
    this.endpoint = endpoint;
    this.host = host;
    this.open = open;
    this.attempt = attempt;
  }

  /** Begins on a socket that is connected. */
  void begin(Channel socket, boolean tls) {
    socket.pipeline().addLast(decoder, encoder, this);
    if (!tls) {
      ask(socket, null);
    }
  }

  private void ask(Channel socket, @Nullable SSLSession tls) {
    channel = new WebSocketChannel(socket, NettyPeers.of(endpoint.toString(), null, tls), null);
    engine = Engines.client(host, new SessionEndpoint(channel));
    UpgradeRequest asked = engine.createUpgradeRequest(() -> {});
    HttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, Engines.PATH, Unpooled.EMPTY_BUFFER);
    asked.getHeaders().forEach((name, values) -> request.headers().set(name, values));
    socket.writeAndFlush(request);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
      ask(context.channel(), context.pipeline().get(SslHandler.class).engine().getSession());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpResponse response) {
      answered(context, response);
    }
    ReferenceCountUtil.release(message);
  }

  private void answered(ChannelHandlerContext context, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      fail(Failures.noHttp(endpoint, response.decoderResult().cause()));
      return;
    }
    boolean switches = response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
    if (!switches && response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      if (++interim > MOST_INTERIM) {
        fail(Failures.noHttp(endpoint, new IOException(interim + " answers and none to the end")));
      }
      return; // The answer follows.
    }
    if (!switches) {
      fail(Failures.answered(endpoint, response.status().code()));
    } else if (!Engines.PROTOCOL.equals(
            response.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL))
        || response.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) {
      fail(Failures.unserved(endpoint, "it agreed to something else"));
    } else {
      switched(context, response);
    }
  }

  private void switched(ChannelHandlerContext context, HttpResponse response) {
    WebSocketChannel opening = channel;
    ClientEngine shaking = engine;
    if (opening == null || shaking == null || attempt.isDone()) {
      context.close();
      return;
    }
    TyrusUpgradeResponse answer = new TyrusUpgradeResponse();
    answer.setStatus(response.status().code());
    response
        .headers()
        .names()
        .forEach(name -> answer.getHeaders().put(name, response.headers().getAll(name)));
    ClientEngine.ClientUpgradeInfo info =
        shaking.processResponse(answer, opening.writer(), reason -> {});
    if (info.getUpgradeStatus() != ClientEngine.ClientUpgradeStatus.SUCCESS) {
      fail(Failures.unserved(endpoint, "its answer is to another handshake"));
      return;
    }
    opening.gate().to(info.createConnection().getReadHandler());
    context.channel().closeFuture().addListener(closed -> open.forget(opening.connection()));
    ChannelPipeline pipeline = context.pipeline();
    pipeline.replace(this, null, opening.gate());
    pipeline.remove(encoder);
    pipeline.remove(decoder); // Hands on what it has read.
    if (!attempt.complete(opening.connection())) {
      context.channel().close();
    }
  }

  private void fail(Exception failure) {
    attempt.completeExceptionally(failure);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(Failures.shaking(endpoint, new IOException("before the session had begun")));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(Failures.shaking(endpoint, cause));
  }
}
