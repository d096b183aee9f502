package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.netty.Loops;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.EdgeResponse;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes one response: whole, or item by item as they come, with a flush for all of one turn. Its
 * items come on any thread and are written on its loop, in order; all else is touched there.
 */
final class ResponseBody implements EdgeResponse {

  /** What is written at a time of a large body, so that it is seen whether its reader goes on. */
  private static final int PIECE_BYTES = 32 * 1024;

  /** What may wait for the loop. */
  private static final int MOST_QUEUED_BYTES = 32 * 1024;

  /** What stands between ends a response that is silent, after 30 s and more. */
  private static final Duration IDLE = Duration.ofSeconds(15);

  private static final int NO_CONTENT = 204;

  private final ChannelHandlerContext context;
  private final EventLoop loop;
  private final String origin;
  private final boolean headOnly;
  private final Runnable written;
  private final AtomicInteger queued = new AtomicInteger();
  private volatile boolean over;

  // Set before there are items.
  private @Nullable Dialect dialect;
  private @Nullable Runnable ready;

  // On the loop.
  private boolean begun;
  private boolean silent;
  private boolean flushing;
  private @Nullable Future<?> idle;

  /**
   * @param origin of the page that may read it; empty for none
   * @param headOnly whether its body is left away
   * @param written runs when all was written
   */
  ResponseBody(
      ChannelHandlerContext context,
      EventLoop loop,
      String origin,
      boolean headOnly,
      Runnable written) {
    this.context = context;
    this.loop = loop;
    this.origin = origin;
    this.headOnly = headOnly;
    this.written = written;
  }

  /** The whole of it, if it is not over. */
  void whole(Answer answer) {
    if (over) {
      return;
    }
    over = true;
    endIdle();
    HttpResponse head = head(answer);
    int length = answer.body().length;
    if (answer.status() != NO_CONTENT) {
      head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    context.write(head);
    for (int at = 0; at < length && !headOnly; at += PIECE_BYTES) {
      int bytes = Math.min(PIECE_BYTES, length - at);
      context.write(new DefaultHttpContent(Unpooled.wrappedBuffer(answer.body(), at, bytes)));
    }
    context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    written.run();
  }

  private HttpResponse head(Answer answer) {
    HttpResponse head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), answer.headers());
    if (!origin.isEmpty()) {
      Origins.allow(origin, head.headers());
    }
    return head;
  }

  /**
   * It is to have items.
   *
   * @param more runs when it takes more of them
   */
  void begin(Dialect wording, Runnable more) {
    dialect = wording;
    ready = more;
    if (wording.idle().length > 0) {
      idle =
          loop.scheduleAtFixedRate(
              this::breakSilence, IDLE.toMillis(), IDLE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private Dialect dialect() {
    return Objects.requireNonNull(dialect, "begun");
  }

  private void breakSilence() {
    if (silent && !over && context.channel().isWritable()) {
      if (begun) {
        context.writeAndFlush(content(dialect().idle()));
      } else {
        beginBody();
        context.flush();
      }
    }
    silent = true;
  }

  private void beginBody() {
    if (!begun && !over) {
      begun = true;
      Answer first = dialect().begin();
      context.write(head(first));
      if (first.body().length > 0) {
        context.write(content(first.body()));
      }
    }
  }

  private static DefaultHttpContent content(byte[] bytes) {
    return new DefaultHttpContent(Unpooled.wrappedBuffer(bytes));
  }

  private record Encoded(ResponseBody to, byte[] content) implements Item {

    @Override
    public int bytes() {
      return content.length;
    }

    @Override
    public void send() {
      to.queued.addAndGet(content.length);
      to.run(() -> to.write(content));
    }
  }

  private void write(byte[] item) {
    queued.addAndGet(-item.length);
    if (!over) {
      silent = false;
      beginBody();
      if (item.length > 0) {
        context.write(content(item));
      }
    }
  }

  /** Runs a step on the loop, and a flush behind all that wait there by then. */
  private void run(Runnable step) {
    Loops.execute(
        loop,
        () -> {
          try {
            step.run();
          } catch (RuntimeException | Error e) {
            broken(e);
          }
          if (!flushing) {
            flushing = true;
            Loops.execute(loop, this::flush);
          }
        });
  }

  private void flush() {
    flushing = false;
    if (!over) {
      context.flush();
      Objects.requireNonNull(ready, "begun").run();
    }
  }

  @Override
  public boolean isReady() {
    return queued.get() < MOST_QUEUED_BYTES && context.channel().isWritable();
  }

  @Override
  public Item item(Message message) {
    return new Encoded(this, dialect().item(message));
  }

  @Override
  public void accepted() {
    run(this::beginBody);
  }

  @Override
  public void keep(int bytes) {
    run(
        () ->
            context
                .channel()
                .config()
                .setWriteBufferWaterMark(new WriteBufferWaterMark(bytes / 2, bytes)));
  }

  @Override
  public void end() {
    run(() -> last(dialect().end()));
  }

  @Override
  public void end(EdgeFailure failure) {
    run(
        () -> {
          if (begun) {
            last(dialect().end(failure));
          } else {
            whole(dialect().failure(failure));
          }
        });
  }

  private void last(byte[] end) {
    if (over) {
      return;
    }
    beginBody();
    over = true;
    endIdle();
    if (end.length > 0) {
      context.write(content(end));
    }
    context.channel().config().setWriteBufferWaterMark(WriteBufferWaterMark.DEFAULT);
    context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    written.run();
  }

  /** It cannot be written any more: ends with its connection. */
  void broken(Throwable cause) {
    context.pipeline().fireExceptionCaught(cause);
  }

  /** Nobody reads it any more. */
  void close() {
    over = true;
    endIdle();
  }

  private void endIdle() {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
  }
}
