package io.carrick.netty;

import io.carrick.transport.support.Pace;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a least rate while the body of a request is incomplete, and ends a stream of HTTP/2
 * whose response is over before its request is, a moment later. On its loop.
 */
final class HttpBody extends ChannelDuplexHandler implements Pace.Peer {

  private final Door door;
  private final boolean http2;
  private final Pace pace;
  private @Nullable AnswerPace answer; // Of a stream; that of a connection is Http1's.
  private boolean complete;
  private boolean reading = true; // Whether this side asks for more.
  private int pauses;

  HttpBody(Door door, boolean http2) {
    this.door = door;
    this.http2 = http2;
    this.pace = new Pace(door.limits(), this, "the body of a request");
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    if (http2) {
      answer = new AnswerPace(context.executor(), () -> Http2Head.cut(context, door));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpContent content) {
      pace.count(content.content().readableBytes());
    }
    if (message instanceof LastHttpContent) {
      complete = true;
      pace.complete();
      pace.end();
    } else if (message instanceof HttpRequest) {
      pace.open();
    }
    super.channelRead(context, message);
    reading = context.channel().config().isAutoRead();
    pauses += reading ? 0 : 1;
  }

  @Override
  public void read(ChannelHandlerContext context) throws Exception {
    reading = true;
    super.read(context);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    ChannelPromise told = promise.unvoid();
    if (answer != null) {
      answer.writes(told, message instanceof LastHttpContent);
    }
    if (http2 && message instanceof LastHttpContent) {
      told.addListener(
          written -> {
            if (!complete) {
              Http2Head.endLater(context);
            }
          });
    }
    context.write(message, told);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    pace.end();
    if (answer != null) {
      answer.end();
    }
  }

  @Override
  public boolean isHolding() {
    return !reading || door.isHolding();
  }

  @Override
  public int pauses() {
    return pauses + door.pauses();
  }

  @Override
  public Runnable later(Duration delay, Runnable task) {
    return door.later(delay, task);
  }

  @Override
  public void tooSlow(String what, long bytes, long least) {
    door.tooSlow(what, bytes, least);
  }
}
