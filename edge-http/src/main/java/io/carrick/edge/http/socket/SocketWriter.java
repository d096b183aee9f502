package io.carrick.edge.http.socket;

import io.carrick.edge.http.JsonText;
import io.carrick.netty.Loops;
import io.carrick.transport.support.edge.HeldBytes;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Writes what a socket says, with a flush for all of one turn of the loop, and bounds what waits.
 * On the loop, but for {@link #run} and {@link #isWritable}.
 */
final class SocketWriter {

  /**
   * What is in one frame: gateways take no large ones, and it is seen whether the reader goes on.
   */
  private static final int PIECE_BYTES = 32 * 1024;

  private final ChannelHandlerContext context;
  private final EventLoop loop;
  private final HeldBytes.OfConnection held;
  private boolean flushing;
  private boolean over;
  private long waiting;
  private long movedNanos;

  /**
   * @param held bounds what waits
   */
  SocketWriter(ChannelHandlerContext context, HeldBytes.OfConnection held) {
    this.context = context;
    this.loop = context.channel().eventLoop();
    this.held = held;
  }

  /** Runs a step on the loop; where it fails, the socket ends. Any thread. */
  void run(Runnable step) {
    Loops.execute(
        loop,
        () -> {
          try {
            step.run();
          } catch (RuntimeException | Error e) {
            context.pipeline().fireExceptionCaught(e);
          }
        });
  }

  /** Whether the socket takes more without keeping it. Any thread. */
  boolean isWritable() {
    return context.channel().isWritable();
  }

  /** A message as it goes. */
  static byte[] bytes(JsonText message) {
    return message.end().getBytes(StandardCharsets.UTF_8);
  }

  /** Sends a message, unless too much waits already: then it is false. */
  boolean offer(byte[] message) {
    if (waiting > 0 && !over && held.take(message.length) != null) {
      held.release(message.length);
      return false;
    }
    if (waiting == 0 && !over) {
      held.take(message.length); // One always may: its size is bounded.
    }
    write(message);
    return true;
  }

  /** Sends a short message, whatever waits. */
  void answer(JsonText message) {
    byte[] bytes = bytes(message);
    if (!over) {
      held.take(bytes.length);
    }
    write(bytes);
  }

  private void write(byte[] message) {
    if (over) {
      return;
    }
    int at = 0;
    do {
      int bytes = Math.min(PIECE_BYTES, message.length - at);
      boolean last = at + bytes == message.length;
      var content = Unpooled.wrappedBuffer(message, at, bytes);
      leaves(
          at == 0
              ? new TextWebSocketFrame(last, 0, content)
              : new ContinuationWebSocketFrame(last, 0, content),
          bytes);
      at += bytes;
    } while (at < message.length);
    flushLater();
  }

  private void leaves(WebSocketFrame frame, int bytes) {
    if (waiting == 0) {
      movedNanos = System.nanoTime();
    }
    waiting += bytes;
    context
        .write(frame)
        .addListener(
            left -> {
              waiting -= bytes;
              movedNanos = System.nanoTime();
              held.release(bytes);
            });
  }

  private void flushLater() {
    if (!flushing) {
      flushing = true;
      Loops.execute(
          loop,
          () -> {
            flushing = false;
            context.flush();
          });
    }
  }

  /** Sends a ping or a pong, but none behind what is not read: then it is false. */
  boolean control(WebSocketFrame frame) {
    if (over || !isWritable()) {
      frame.release();
      return false;
    }
    context.writeAndFlush(frame);
    return true;
  }

  /** Whether something waits of which nothing has left for so long. */
  boolean isUnread(int seconds) {
    return waiting > 0 && System.nanoTime() - movedNanos > TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Nothing more is sent. */
  void end() {
    over = true;
  }

  /**
   * Sends the last frame, and ends the connection.
   *
   * @param both whether the client has closed already, so that nothing more comes
   * @param wait for a client that does not close
   */
  void last(CloseWebSocketFrame frame, boolean both, Duration wait) {
    over = true;
    var written = context.writeAndFlush(frame);
    if (both) {
      written.addListener(done -> context.close());
    }
    var cut = Loops.later(loop, wait, context::close);
    context.channel().closeFuture().addListener(closed -> cut.cancel(false));
  }
}
