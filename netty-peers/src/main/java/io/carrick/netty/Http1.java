package io.carrick.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/1 (RFC 9112): one request at a time. A request that comes before the last
 * one has its response is not answered; the connection ends with that response, and the client asks
 * again. Touched only on the event loop.
 */
final class Http1 extends ChannelDuplexHandler {

  private static final System.Logger LOG = System.getLogger(Http1.class.getName());

  private enum State {
    /** Between requests. */
    IDLE,
    /** A request has begun, and its headers are not complete. */
    HEAD,
    /** Somebody has taken it. */
    OPEN,
    /** It goes on in another protocol. */
    UPGRADED,
    /** The last response was written. */
    ENDING
  }

  private final HttpConnection connection;
  private final Http1Codec.Decoder decoder = new Http1Codec.Decoder(this::bytes);
  private final Http1Codec.Encoder encoder = new Http1Codec.Encoder();
  private @Nullable ChannelHandlerContext context;
  private final FoldedLines lines = new FoldedLines();
  private State state = State.IDLE;
  private @Nullable Future<?> deadline;
  private @Nullable AnswerPace pace;

  // Of the request that is open.
  private @Nullable HttpRequest request;
  private @Nullable HttpBody body;
  private @Nullable ChannelHandler taker;
  private int unknownBytes;
  private boolean received; // All of it.
  private boolean answering;
  private boolean last; // The connection ends with it.

  Http1(HttpConnection connection) {
    this.connection = connection;
  }

  void addTo(ChannelPipeline pipeline) {
    pipeline.addLast(decoder, encoder, this, HttpTail.INSTANCE);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    pace = new AnswerPace(added.executor(), connection.door()::cut);
  }

  private AnswerPace pace() {
    return Objects.requireNonNull(pace);
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  /** Bytes come that are not decoded yet. */
  private void bytes(ByteBuf bytes) {
    if (state == State.IDLE) {
      state = State.HEAD;
      lines.begin();
      connection.begins();
      deadline =
          context().executor().schedule(this::tooLate, HttpLimits.HEAD_SECONDS, TimeUnit.SECONDS);
    }
    if (state == State.HEAD && lines.in(bytes)) {
      refuse(HttpResponseStatus.BAD_REQUEST, "a header stands on one line (RFC 9112, section 5.2)");
    }
  }

  private void tooLate() {
    refuse(
        HttpResponseStatus.REQUEST_TIMEOUT,
        "the headers of a request may take " + HttpLimits.HEAD_SECONDS + " s");
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) throws Exception {
    if (state == State.UPGRADED) {
      if (message instanceof ByteBuf bytes) {
        connection.door().take(bytes.readableBytes());
        super.channelRead(reading, message);
      }
    } else if (state == State.ENDING) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      broken(part.decoderResult().cause());
    } else if (message instanceof HttpRequest head) {
      begin(head);
    } else if (message instanceof HttpContent content && state == State.OPEN && !received) {
      connection.door().take(content.content().readableBytes());
      received = content instanceof LastHttpContent;
      super.channelRead(reading, message);
    } else {
      ReferenceCountUtil.release(message); // Of a request that is not answered.
    }
  }

  private void broken(Throwable cause) {
    LOG.log(
        System.Logger.Level.DEBUG,
        "{0} sent what is no HTTP: {1}",
        connection.connection().remoteAddress(),
        cause);
    HttpResponseStatus status = Http1Rules.statusOf(cause);
    if (state == State.OPEN && received) {
      last = true; // It is the next one that is broken.
    } else if (answering) {
      context().close();
    } else {
      refuse(status, Http1Rules.textOf(status));
    }
  }

  private void begin(HttpRequest head) {
    if (state == State.OPEN) {
      last = true;
      return;
    }
    endDeadline();
    state = State.OPEN;
    request = head;
    encoder.answers(head);
    received = false;
    answering = false;
    last = connection.isDraining() || !HttpUtil.isKeepAlive(head);
    connection.opens();
    HttpResponseStatus wrong = Http1Rules.check(head);
    if (wrong != null) {
      refuse(wrong, Http1Rules.textOf(wrong));
      return;
    }
    int size = Http1Rules.sizeOf(head);
    if (!connection.door().isKnown()) {
      if (!connection.door().callBegins(size)) {
        refuse(HttpResponseStatus.TOO_MANY_REQUESTS, HttpRefusal.TOO_MUCH);
        return;
      }
      unknownBytes = size;
    }
    HttpTaker found = connection.socket().find(Http1Rules.headOf(head));
    if (found == null) {
      refuse(HttpResponseStatus.NOT_FOUND, HttpRefusal.NOBODY);
    } else {
      give(head, found);
    }
  }

  private void give(HttpRequest head, HttpTaker to) {
    ChannelPipeline pipeline = context().pipeline();
    body = new HttpBody(connection.door(), false);
    taker = to.handler(connection);
    String tail = pipeline.context(HttpTail.INSTANCE).name();
    pipeline.addBefore(tail, null, body);
    pipeline.addBefore(tail, null, taker);
    boolean waits = HttpUtil.is100ContinueExpected(head);
    context().fireChannelRead(head);
    if (waits && state == State.OPEN && !answering) {
      context()
          .writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  @Override
  public void write(ChannelHandlerContext writing, Object message, ChannelPromise promise)
      throws Exception {
    ChannelPromise told = promise.unvoid();
    if (message instanceof HttpResponse response
        && (response.status().codeClass() != HttpStatusClass.INFORMATIONAL
            || response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS))) {
      answer(response);
    }
    boolean over = answering && message instanceof LastHttpContent;
    if (state != State.UPGRADED) {
      pace().writes(told, over);
    }
    boolean upgrade =
        message instanceof HttpResponse response
            && response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
    super.write(writing, message, told);
    if (upgrade) {
      upgrade();
    } else if (over) {
      told.addListener(written -> answered());
    }
  }

  /** Says what of the connection its client has to know. */
  private void answer(HttpResponse response) {
    answering = true;
    HttpRequest asked = Objects.requireNonNull(request);
    response.setProtocolVersion(asked.protocolVersion());
    if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      boolean delimited = Http1Rules.delimit(asked, response);
      last |= !received || !delimited;
      HttpUtil.setKeepAlive(response.headers(), asked.protocolVersion(), !last);
    }
  }

  private void upgrade() {
    state = State.UPGRADED;
    ChannelPipeline pipeline = context().pipeline();
    pipeline.remove(encoder);
    pipeline.remove(Objects.requireNonNull(body));
    pipeline.remove(decoder); // Hands on what it has read.
  }

  private void answered() {
    if (state == State.OPEN) {
      over();
      if (last) {
        linger();
      } else {
        state = State.IDLE;
        connection.readOn(); // Its taker may have stopped that.
      }
    }
  }

  /** The request and its response are over. */
  private void over() {
    ChannelPipeline pipeline = context().pipeline();
    if (body != null && pipeline.context(body) != null) {
      pipeline.remove(body);
    }
    if (taker != null && pipeline.context(taker) != null) {
      pipeline.remove(taker);
    }
    body = null;
    taker = null;
    request = null;
    if (unknownBytes > 0) {
      connection.door().callEnds(unknownBytes);
      unknownBytes = 0;
    }
    connection.closes();
  }

  /** Answers what nobody takes, and ends the connection with that. */
  private void refuse(HttpResponseStatus status, String why) {
    endDeadline();
    boolean open = state == State.OPEN;
    state = State.ENDING;
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    HttpUtil.setContentLength(response, response.content().readableBytes());
    ChannelFuture answer = context().writeAndFlush(response);
    pace().writes(answer, true);
    answer.addListener(written -> linger());
    if (open) {
      over();
    }
  }

  /** A peer that still writes reads the response before it finds the connection closed. */
  private void linger() {
    state = State.ENDING;
    SslHandler tls = connection.connection().pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (connection.connection() instanceof DuplexChannel socket) {
      socket.shutdownOutput();
    }
    context()
        .executor()
        .schedule(() -> context().close(), HttpLimits.LINGER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) throws Exception {
    endDeadline();
    pace().end();
    super.channelInactive(inactive);
    if (state == State.OPEN || state == State.UPGRADED) {
      state = State.ENDING;
      over();
    }
  }

  private void endDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }
}
