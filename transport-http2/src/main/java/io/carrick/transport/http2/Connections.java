package io.carrick.transport.http2;

import io.carrick.netty.ListenLimits;
import io.carrick.spi.Acceptor;
import io.carrick.transport.support.Allowance;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** Makes HTTP/2 of each accepted socket. */
@ChannelHandler.Sharable
final class Connections extends ChannelInitializer<Channel> {

  private static final System.Logger LOG = System.getLogger(Connections.class.getName());

  private static final int DEFAULT_WINDOW_BYTES = 65_535; // RFC 9113, section 6.9.2.
  private static final int HEADER_BYTES = 8 * 1024;
  private static final int STREAMS = 100;
  private static final int RESETS = 200;
  private static final int RESET_WINDOW_SECONDS = 30;

  /** Proxies and libraries ask every few seconds. */
  private static final int PINGS = 100;

  private static final int PING_WINDOW_SECONDS = 10;

  private final TransportLifecycle open;
  private final Acceptor acceptor;
  private final @Nullable SslContext tls;

  /**
   * @param tls null without TLS
   */
  Connections(TransportLifecycle open, Acceptor acceptor, @Nullable SslContext tls) {
    this.open = open;
    this.acceptor = acceptor;
    this.tls = tls;
  }

  @Override
  protected void initChannel(Channel socket) {
    if (tls == null) {
      speak(socket);
      return;
    }
    socket.pipeline().addLast(tls.newHandler(socket.alloc()), new Negotiated());
  }

  private void speak(Channel socket) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(STREAMS)
                    .initialWindowSize(ListenLimits.WINDOW_BYTES)
                    .maxHeaderListSize(HEADER_BYTES))
            .decoderEnforceMaxRstFramesPerWindow(RESETS, RESET_WINDOW_SECONDS)
            .encoderEnforceMaxRstFramesPerWindow(RESETS, RESET_WINDOW_SECONDS)
            .build();
    ChannelPipeline pipeline = socket.pipeline();
    pipeline.addLast(
        codec, new Http2MultiplexHandler(new Streams(open, acceptor, socket)), new Rest());
    // When the codec has said its preface.
    socket.eventLoop().execute(() -> widen(socket, codec));
  }

  /** The settings speak of streams only. */
  private static void widen(Channel socket, Http2FrameCodec codec) {
    Http2Connection connection = codec.connection();
    try {
      connection
          .local()
          .flowController()
          .incrementWindowSize(
              connection.connectionStream(), ListenLimits.WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
      socket.flush();
    } catch (Http2Exception e) {
      LOG.log(System.Logger.Level.DEBUG, "The window stays as it is", e);
    }
  }

  /** What ALPN says. */
  private final class Negotiated extends ApplicationProtocolNegotiationHandler {

    Negotiated() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        speak(context.channel());
      } else {
        context.close();
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "{0}: TLS failed: {1}",
          context.channel().remoteAddress(),
          cause);
      context.close();
    }
  }

  /** Takes what no stream takes, as PING and SETTINGS, and what the socket fails with. */
  private static final class Rest extends ChannelInboundHandlerAdapter {

    private final Allowance pings = new Allowance(PINGS, PING_WINDOW_SECONDS);

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      if (message instanceof Http2PingFrame && !pings.take()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} sent more than {1} PING frames in {2} s; closed",
            context.channel().remoteAddress(),
            PINGS,
            PING_WINDOW_SECONDS);
        context.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.log(
          System.Logger.Level.DEBUG, "{0} failed: {1}", context.channel().remoteAddress(), cause);
      context.close();
    }
  }
}
