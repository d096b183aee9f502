package io.carrick.transport.websocket;

import io.carrick.netty.HttpHead;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.HttpTaker;
import io.carrick.netty.LocalHost;
import io.carrick.netty.UpgradeHandler;
import io.carrick.spi.Acceptor;
import io.carrick.transport.support.TransportLifecycle;
import io.carrick.transport.websocket.tyrus.SessionEndpoint;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import org.glassfish.tyrus.core.RequestContext;
import org.glassfish.tyrus.core.TyrusUpgradeResponse;
import org.glassfish.tyrus.spi.WebSocketEngine;

/**
 * Takes the upgrades that begin sessions from an HTTP port.
 *
 * @param address that its listener was asked for
 */
record SessionTaker(TransportLifecycle open, Acceptor acceptor, WebSocketAddress address)
    implements HttpTaker.OfUpgrades {

  @Override
  public boolean takes(HttpHead head) {
    return head.upgrade().equals("websocket") && head.path().equals(Engines.PATH);
  }

  @Override
  public ChannelHandler handler(HttpPeer peer) {
    return new First(peer);
  }

  /** Sees the request, and makes a connection of it. */
  private final class First extends UpgradeHandler {

    private final HttpPeer peer;

    First(HttpPeer peer) {
      this.peer = peer;
    }

    @Override
    protected void decide(ChannelHandlerContext context, HttpRequest asked) {
      HttpHeaders headers = asked.headers();
      if (!asked.method().equals(HttpMethod.GET)) {
        refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "a session begins with GET");
      } else if (headers.contains(HttpHeaderNames.ORIGIN)) {
        // A page that somebody opened would act for whoever is at this host.
        refuse(context, HttpResponseStatus.FORBIDDEN, "sessions are not for pages of browsers");
      } else if (!address.tls() && !mayBe(headers.get(HttpHeaderNames.HOST, ""))) {
        refuse(context, HttpResponseStatus.FORBIDDEN, LocalHost.REFUSAL);
      } else if (!headers.containsValue(
          HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, Engines.PROTOCOL, false)) {
        refuse(
            context,
            HttpResponseStatus.BAD_REQUEST,
            "the sub-protocol of a session is " + Engines.PROTOCOL);
      } else {
        upgrade(context, asked);
      }
    }

    private boolean mayBe(String host) {
      String own = address.peer().host().toLowerCase(Locale.ROOT);
      return LocalHost.mayBe(peer, host)
          || host.toLowerCase(Locale.ROOT).replaceFirst(":\\d*$", "").equals(own);
    }

    private void upgrade(ChannelHandlerContext context, HttpRequest asked) {
      Channel socket = context.channel();
      WebSocketChannel channel = new WebSocketChannel(socket, peer.info(), peer.door());
      TyrusUpgradeResponse answer = new TyrusUpgradeResponse();
      WebSocketEngine.UpgradeInfo info =
          Engines.server(new SessionEndpoint(channel)).upgrade(request(asked), answer);
      HttpResponseStatus status = HttpResponseStatus.valueOf(answer.getStatus());
      if (info.getStatus() != WebSocketEngine.UpgradeStatus.SUCCESS) {
        boolean version = status.equals(HttpResponseStatus.UPGRADE_REQUIRED);
        refuse(
            context,
            version ? status : HttpResponseStatus.BAD_REQUEST,
            "this is no handshake of WebSocket 13 (RFC 6455)");
        return;
      }
      socket.closeFuture().addListener(closed -> open.forget(channel.connection()));
      context.pipeline().replace(this, null, channel.gate());
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
      answer.getHeaders().forEach((name, values) -> response.headers().set(name, values));
      socket.writeAndFlush(response); // Behind it bytes come and go.
      channel.gate().to(info.createConnection(channel.writer(), reason -> {}).getReadHandler());
      open.accept(channel.connection(), acceptor);
      if (!channel.connection().isAwaited()) {
        peer.door().admit();
      }
    }

    private RequestContext request(HttpRequest asked) {
      RequestContext request =
          RequestContext.Builder.create()
              .requestURI(URI.create(Engines.PATH))
              .secure(address.tls())
              .remoteAddr(peer.info().address())
              .build();
      for (Map.Entry<String, String> header : asked.headers()) {
        request
            .getHeaders()
            .computeIfAbsent(header.getKey(), name -> new ArrayList<>(1))
            .add(header.getValue());
      }
      return request;
    }
  }
}
