package io.carrick.netty;

import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.Allowance;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An accepted connection of an HTTP port: finds out what it speaks, and closes it when it was idle
 * for {@link HttpLimits#IDLE_MINUTES}. Touched only on its event loop, but for what says otherwise.
 */
final class HttpConnection implements HttpPeer {

  private static final System.Logger LOG = System.getLogger(HttpConnection.class.getName());

  // RFC 9113, section 3.4.
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** So many of its bytes are in no method of HTTP/1. */
  private static final int TELLING_BYTES = 4;

  private final HttpSocket socket;
  private final Channel channel;
  private final Door door;
  private @Nullable PeerInfo info;
  private @Nullable Runnable drain;
  private boolean draining;
  private int open;
  private final Allowance faults =
      new Allowance(HttpLimits.RESETS, HttpLimits.RESET_WINDOW_SECONDS);
  private @Nullable Future<?> idle;

  HttpConnection(HttpSocket socket, Channel channel) {
    this.socket = socket;
    this.channel = channel;
    this.door = Door.of(channel);
  }

  /** Begins with TLS, or with what its first bytes tell. */
  void begin(@Nullable SslContext tls) {
    if (tls == null) {
      channel.pipeline().addLast(new Sniffer());
    } else {
      SslHandler handler = tls.newHandler(channel.alloc());
      handler.setHandshakeTimeout(ListenLimits.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
      channel.pipeline().addLast(handler, new Negotiated());
    }
  }

  @Override
  public PeerInfo info() {
    if (info == null) {
      SslHandler tls = channel.pipeline().get(SslHandler.class);
      SSLSession session = tls == null ? null : tls.engine().getSession();
      info = NettyPeers.of(address(), channel, session);
    }
    return info;
  }

  private String address() {
    return channel.remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
        : "http";
  }

  @Override
  public Door door() {
    return door;
  }

  @Override
  public Channel connection() {
    return channel;
  }

  HttpSocket socket() {
    return socket;
  }

  /** Whether it ends with what is open. */
  boolean isDraining() {
    return draining;
  }

  /** A request begins to come: whoever speaks the protocol keeps the time from now on. */
  void begins() {
    guard().begun();
  }

  /** Requests may begin. */
  void begun() {
    guard().begun();
    if (open == 0) {
      awaitMore();
    }
  }

  /** A request begins. */
  void opens() {
    open++;
    endIdle();
  }

  /** One that has begun is over. */
  void closes() {
    if (--open == 0 && channel.isActive()) {
      awaitMore();
    }
  }

  private void awaitMore() {
    if (draining) {
      channel.close();
    } else {
      endIdle();
      idle =
          channel.eventLoop().schedule(this::closeIdle, HttpLimits.IDLE_MINUTES, TimeUnit.MINUTES);
    }
  }

  private void closeIdle() {
    LOG.log(System.Logger.Level.DEBUG, "{0} was idle; closed", channel.remoteAddress());
    channel.close();
  }

  private void endIdle() {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
  }

  /** Reads more, unless its guard holds it. */
  void readOn() {
    if (!door.isHolding()) {
      channel.config().setAutoRead(true);
    }
  }

  /** A stream is reset for what its peer did. */
  void faulty() {
    if (channel.isActive() && !faults.take()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} made this side reset more than {1} streams in {2} s; closed",
          channel.remoteAddress(),
          HttpLimits.RESETS,
          HttpLimits.RESET_WINDOW_SECONDS);
      door.cut();
    }
  }

  /** Closes it when the requests are over that are open. Any thread. */
  void drain() {
    Loops.execute(
        channel.eventLoop(),
        () -> {
          draining = true;
          if (drain != null) {
            drain.run();
          }
          if (open == 0) {
            channel.close();
          }
        });
  }

  /** Closes it now. Any thread. */
  void cut() {
    Loops.execute(channel.eventLoop(), door::cut);
  }

  private Guard guard() {
    return Objects.requireNonNull(channel.pipeline().get(Guard.class));
  }

  private void speak(ChannelHandlerContext context, boolean http2) {
    channel.closeFuture().addListener(closed -> endIdle());
    ChannelPipeline pipeline = context.pipeline();
    if (!http2) {
      new Http1(this).addTo(pipeline);
      return;
    }
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(HttpLimits.STREAMS)
                    .initialWindowSize(ListenLimits.WINDOW_BYTES)
                    .maxHeaderListSize(HttpLimits.HEADER_BYTES))
            .decoderEnforceMaxRstFramesPerWindow(HttpLimits.RESETS, HttpLimits.RESET_WINDOW_SECONDS)
            .build();
    Http2Rest rest = new Http2Rest(this, codec);
    drain = rest::goAway;
    pipeline.addLast(
        new FrameLimit(PREFACE.length, door),
        codec,
        new Http2MultiplexHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2Head(HttpConnection.this));
              }
            }),
        rest);
  }

  /** HTTP/2 by prior knowledge begins with its preface; everything else is HTTP/1. */
  private final class Sniffer extends ByteToMessageDecoder {

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      int come = Math.min(TELLING_BYTES, in.readableBytes());
      boolean preface = true;
      for (int i = 0; i < come; i++) {
        preface &= in.getByte(in.readerIndex() + i) == PREFACE[i];
      }
      if (!preface || come == TELLING_BYTES) {
        speak(context, preface);
        context.pipeline().remove(this); // Hands on what it has read.
      }
    }
  }

  /** Over TLS: what was agreed. */
  private final class Negotiated extends ApplicationProtocolNegotiationHandler {

    Negotiated() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      door.shaken();
      guard().secured(context); // What TLS took is not taken off the time for the request.
      speak(context, protocol.equals(ApplicationProtocolNames.HTTP_2));
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
      exceptionCaught(context, cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "The TLS handshake with {0} failed: {1}",
          channel.remoteAddress(),
          cause);
      context.close();
    }
  }
}
