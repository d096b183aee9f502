package io.carrick.transport.http2;

import io.carrick.netty.Door;
import io.carrick.spi.Acceptor;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.Future;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one socket, which may be those of many clients behind a proxy. On its event loop.
 */
final class Streams extends ChannelInitializer<Channel> {

  private static final int IDLE_MINUTES = 5;

  private final TransportLifecycle open;
  private final Acceptor acceptor;
  private final Channel socket;
  private final Set<Channel> streams = new HashSet<>(2); // As many as HTTP/2 allows.
  private @Nullable Future<?> idle;

  Streams(TransportLifecycle open, Acceptor acceptor, Channel socket) {
    this.open = open;
    this.acceptor = acceptor;
    this.socket = socket;
    socket.closeFuture().addListener(closed -> endIdle());
  }

  @Override
  protected void initChannel(Channel stream) {
    endIdle();
    streams.add(stream);
    stream.closeFuture().addListener(closed -> leave(stream));
    stream.pipeline().addLast(new FirstFrame(open, acceptor, this));
  }

  private void leave(Channel stream) {
    streams.remove(stream);
    if (streams.isEmpty() && socket.isOpen()) {
      endIdle();
      idle = socket.eventLoop().schedule(() -> socket.close(), IDLE_MINUTES, TimeUnit.MINUTES);
    }
  }

  private void endIdle() {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
  }

  /** A call failed. Netty resets one that broke a rule of HTTP/2, by a code that it counts. */
  static void fail(ChannelHandlerContext stream, Throwable failure) {
    if (!(failure instanceof Http2Exception)) {
      stream.close();
    }
  }

  /** Resets a call; closes the socket as well where it takes nothing and carries no other call. */
  void cut(Channel stream) {
    if (stream.isOpen()) {
      stream.close();
    }
    streams.remove(stream);
    boolean stuck = socket.bytesBeforeUnwritable() < socket.config().getWriteBufferHighWaterMark();
    if (streams.isEmpty() && stuck) {
      Door.of(socket).cut();
    }
  }
}
