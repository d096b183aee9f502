package io.carrick.transport.http2;

import io.carrick.netty.Door;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.Loops;
import io.carrick.spi.CloseReason;
import io.carrick.transport.support.Packet;
import io.carrick.transport.support.PacketChannel;
import io.carrick.transport.support.QueuedConnection;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;

/** The server's side of a call. Touched only on the event loop of its connection. */
final class ServerStream extends ChannelInboundHandlerAdapter implements PacketChannel {

  /** What the other side may take to end its half of the call. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final Channel stream;
  private final EventLoop loop;
  private final Door door;
  private final QueuedConnection connection;
  private final FrameStream frames;
  private boolean flushing;
  private boolean over;

  ServerStream(TransportLifecycle open, HttpPeer peer, Channel stream) {
    this.stream = stream;
    this.loop = stream.eventLoop();
    this.door = peer.door();
    this.connection = new QueuedConnection(Loops.executor(loop), this, peer.info());
    this.frames = new FrameStream(connection);
    stream.config().setAutoRead(false);
    stream.closeFuture().addListener(closed -> open.forget(connection));
  }

  QueuedConnection connection() {
    return connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof Http2DataFrame data) {
        deliver(data.content());
      }
      if (message instanceof Http2StreamFrame frame && endsStream(frame)) {
        frames.ended();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void deliver(ByteBuf bytes) {
    if (over || !bytes.isReadable()) {
      return;
    }
    for (ByteBuffer each : bytes.nioBuffers()) {
      frames.arrived(each);
    }
  }

  private static boolean endsStream(Http2StreamFrame frame) {
    return (frame instanceof Http2DataFrame data && data.isEndStream())
        || (frame instanceof Http2HeadersFrame headers && headers.isEndStream());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof Http2ResetFrame reset) {
      connection.onEnd(
          CloseReason.network(
              "the call of "
                  + connection.peer().address()
                  + " was reset with code "
                  + reset.errorCode()));
    }
    super.userEventTriggered(context, event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.onEnd(
        CloseReason.network("the network of " + connection.peer().address() + " broke"));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (isReady()) {
      connection.onReady();
    }
  }

  @Override
  public boolean isReady() {
    return stream.isWritable();
  }

  /** Copied, as Netty would, too; written with all else of this turn. */
  @Override
  public boolean send(Packet packet) {
    ByteBuf bytes = stream.alloc().buffer(packet.length());
    stream.write(new DefaultHttp2DataFrame(bytes.writeBytes(packet.bytes(), 0, packet.length())));
    if (!flushing) {
      flushing = true;
      loop.execute(this::flush);
    }
    return true;
  }

  private void flush() {
    flushing = false;
    stream.flush();
  }

  /** All is read from the first on, for a receiver never waits. */
  @Override
  public void request(int more) {
    stream.config().setAutoRead(true);
  }

  @Override
  public void admit() {
    Loops.execute(loop, door::admit);
  }

  @Override
  public void end(CloseReason reason) {
    over = true;
    stream.config().setAutoRead(true); // What still comes is thrown away.
    if (!stream.isActive()) {
      return;
    }
    switch (reason.kind()) {
      case LOCAL, PEER -> stream.writeAndFlush(new DefaultHttp2DataFrame(true));
      case PROTOCOL -> stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
      case NETWORK -> stream.close();
    }
    Loops.later(loop, LINGER, this::cut);
  }

  /** Where the peer did not follow: the socket, too, if it takes nothing. */
  private void cut() {
    if (!stream.isOpen()) {
      return;
    }
    Future<?> reset = stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    stream.close();
    Loops.later(
        loop,
        LINGER,
        () -> {
          if (!reset.isDone()) {
            door.cut();
          }
        });
  }
}
