package io.carrick.netty;

import io.carrick.spi.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of an accepted connection: closes one that does not begin to speak. Touched
 * only on the event loop.
 */
final class Guard extends ChannelDuplexHandler {

  private static final System.Logger LOG = System.getLogger(Guard.class.getName());

  // RFC 9113, section 3.4.
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  // RFC 8446, section 5.1: the content type of the record that a client begins with.
  private static final byte TLS_HANDSHAKE = 22;

  /**
   * For who does not speak TLS. Not in HTTP/2: a connection that began well is opened again at once
   * by clients that know of no reason to wait.
   */
  private static final String TLS_NEEDED =
      """
      HTTP/1.1 400 Bad Request\r
      Content-Type: text/plain\r
      Content-Length: %d\r
      Connection: close\r
      \r
      %s""";

  private final Endpoint endpoint;
  private final boolean tls;
  private final boolean http;
  private final Door door;
  private int received;
  private @Nullable Future<?> deadline;

  Guard(Endpoint endpoint, boolean tls, boolean http, Door door) {
    this.endpoint = endpoint;
    this.tls = tls;
    this.http = http;
    this.door = door;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    again(context);
    super.channelActive(context);
  }

  /** The time to begin is counted from now on. */
  private void again(ChannelHandlerContext context) {
    endDeadline();
    deadline =
        context
            .executor()
            .schedule(() -> context.close(), ListenLimits.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
  }

  /** TLS is done: there is as much time for what comes in it. */
  void secured(ChannelHandlerContext any) {
    again(any.pipeline().context(this));
  }

  /** It speaks as it should. */
  void begun() {
    endDeadline();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    endDeadline();
    door.endPatience();
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (received == 0 && !http) {
      limitFrames(context);
    }
    if (deadline != null && message instanceof ByteBuf bytes && !begins(bytes)) {
      refuse(context, bytes);
      return;
    }
    if (!door.isKnown() && message instanceof ByteBuf bytes) {
      door.read(bytes.readableBytes());
    }
    super.channelRead(context, message);
  }

  @Override
  public void read(ChannelHandlerContext context) throws Exception {
    if (!door.isHolding()) { // TLS asks for more by itself.
      super.read(context);
    }
  }

  /** Behind TLS, where there is TLS, which the server has put there by now. */
  private void limitFrames(ChannelHandlerContext context) {
    ChannelHandlerContext before = tls ? context.pipeline().context(SslHandler.class) : context;
    if (before != null && context.pipeline().get(FrameLimit.class) == null) {
      context.pipeline().addAfter(before.name(), null, new FrameLimit(PREFACE.length, door));
    }
  }

  /** Whether the bytes go on as HTTP/2 begins, or begin as TLS does; more of TLS is not seen. */
  private boolean begins(ByteBuf bytes) {
    int start = received;
    received = Math.min(PREFACE.length, start + bytes.readableBytes());
    if (tls && start == 0 && received > 0 && bytes.getByte(bytes.readerIndex()) != TLS_HANDSHAKE) {
      return false;
    }
    for (int i = start; !tls && !http && i < received; i++) {
      if (bytes.getByte(bytes.readerIndex() + i - start) != PREFACE[i]) {
        return false;
      }
    }
    if (received == PREFACE.length && !http) {
      endDeadline();
    }
    return true;
  }

  // The codec closes it as well, and may log a stack trace each time.
  private void refuse(ChannelHandlerContext context, ByteBuf bytes) {
    LOG.log(
        System.Logger.Level.DEBUG,
        "{0} does not speak {1} to {2}; closed",
        context.channel().remoteAddress(),
        tls ? "TLS" : "HTTP/2",
        endpoint);
    bytes.release();
    if (tls) {
      String why = "this port speaks TLS: use " + endpoint.scheme() + "://\n";
      context.writeAndFlush(
          Unpooled.copiedBuffer(
              TLS_NEEDED.formatted(why.length(), why), StandardCharsets.US_ASCII));
    }
    context.close(); // Not the channel: what is behind this handler may wait for its calls.
  }

  private void endDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }
}
