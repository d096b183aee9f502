package io.carrick.edge.http.socket;

import io.carrick.SecurityLevel;
import io.carrick.edge.http.HttpEdge;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.LocalHost;
import io.carrick.netty.UpgradeHandler;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Answers a handshake (RFC 6455, section 4.2), and makes a socket of its connection. */
final class Handshake extends UpgradeHandler {

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // Section 1.3.
  private static final String KEY = "[A-Za-z0-9+/]{22}==";

  private final HttpEdge edge;
  private final HttpPeer peer;

  Handshake(HttpEdge edge, HttpPeer peer) {
    this.edge = edge;
    this.peer = peer;
  }

  @Override
  protected void decide(ChannelHandlerContext context, HttpRequest asked) {
    HttpHeaders headers = asked.headers();
    boolean tls = peer.info().security() != SecurityLevel.NONE;
    String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "").strip();
    if (!asked.method().equals(HttpMethod.GET)) {
      refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "a socket begins with GET");
    } else if (edge.origins().check(headers, tls) == null) {
      refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "pages of this origin may not call: add it to those that the service allows");
    } else if (!tls && !LocalHost.mayBe(peer, headers.get(HttpHeaderNames.HOST, ""))) {
      refuse(context, HttpResponseStatus.FORBIDDEN, LocalHost.REFUSAL);
    } else if (!headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "").equals(VERSION)) {
      refuse(
          context, HttpResponseStatus.UPGRADE_REQUIRED, "the version of WebSocket is " + VERSION);
    } else if (!key.matches(KEY)) {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "this is no handshake of WebSocket 13 (RFC 6455)");
    } else if (!headers.containsValue(
        HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, JsonSockets.PROTOCOL, false)) {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "the sub-protocol here is " + JsonSockets.PROTOCOL);
    } else if (edge.isClosed()) {
      refuse(context, HttpResponseStatus.SERVICE_UNAVAILABLE, "the service closes");
    } else {
      upgrade(context, key);
    }
  }

  private void upgrade(ChannelHandlerContext context, String key) {
    JsonSocket socket = new JsonSocket(edge, peer);
    SocketFrames frames = new SocketFrames(peer.door(), socket, JsonSocket.mostBytes(edge));
    String before = context.name();
    context.pipeline().addAfter(before, null, socket);
    context.pipeline().addAfter(before, null, frames);
    context.pipeline().replace(this, null, new WebSocket13FrameEncoder(false));
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(key))
        .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, JsonSockets.PROTOCOL);
    context.channel().writeAndFlush(response); // Behind it bytes come and go.
  }

  private static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1"); // Section 4.2.2.
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has it", e);
    }
  }
}
