package io.carrick.netty;

import io.carrick.transport.support.Allowance;
import io.carrick.transport.support.Pace;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;

/**
 * Closes a connection that sends more than {@value #MAX} frames in {@value #WINDOW_SECONDS} s that
 * cost work and bring nothing, and that Netty does not count: SETTINGS, each of which must be
 * answered, and empty DATA that ends nothing (RFC 9113, sections 6.5.3 and 10.5). Reads nothing but
 * the headers of frames. Touched only on the event loop.
 */
final class FrameLimit extends ChannelInboundHandlerAdapter {

  /** Clients send one SETTINGS, and another when they change their windows. */
  static final int MAX = 100;

  static final int WINDOW_SECONDS = 10;

  // RFC 9113, sections 4.1, 6.1 and 6.5.
  private static final int HEADER_BYTES = 9;
  private static final int TYPE_AT = 3;
  private static final int FLAGS_AT = 4;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private static final System.Logger LOG = System.getLogger(FrameLimit.class.getName());

  private final Door door;
  private long skip;
  private final Pace pace;
  private boolean kept;
  private boolean begun; // Whether the preface is over.
  private boolean blockOpen; // Whether headers go on in the next frame.
  private int headerAt;
  private int length;
  private int type;
  private boolean over;
  private final Allowance allowance = new Allowance(MAX, WINDOW_SECONDS);
  private int frames; // Of what came last.
  private int block; // The bytes of the headers that came last.

  /**
   * Made for a connection that has said nothing yet.
   *
   * @param prefaceBytes what comes before the first frame
   * @param door of the connection
   */
  FrameLimit(int prefaceBytes, Door door) {
    this.skip = prefaceBytes;
    this.door = door;
    this.pace = new Pace(door.limits(), door, "a frame");
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
      door.shaken();
    }
    super.userEventTriggered(context, event);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes && !over) {
      look(bytes);
      if (over) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} sent more than {1} SETTINGS or empty DATA frames in {2} s, or headers that are too"
                + " large; closed",
            context.channel().remoteAddress(),
            MAX,
            WINDOW_SECONDS);
        context.close(); // Not the channel: what is behind this handler may wait for its calls.
      }
    }
    if (over) {
      ReferenceCountUtil.release(message);
      return;
    }
    super.channelRead(context, message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    pace.end();
    super.channelInactive(context);
  }

  private void look(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    int keeps = 0;
    frames = 0;
    while (at < end && !over) {
      if (skip > 0) {
        int step = (int) Math.min(skip, end - at);
        skip -= step;
        at += step;
        keeps += kept ? step : 0;
        if (skip == 0) {
          ended();
        }
      } else {
        header(bytes.getByte(at++) & 0xff);
      }
    }
    if (begun && (headerAt > 0 || skip > 0 || blockOpen)) {
      pace.open();
    }
    pace.count(bytes.readableBytes());
    door.frames(frames, bytes.readableBytes());
    if (keeps > 0 && !door.isKnown()) {
      door.take(keeps);
    }
  }

  private void header(int octet) {
    if (headerAt < TYPE_AT) {
      length = length << 8 | octet;
    } else if (headerAt == TYPE_AT) {
      type = octet;
    } else if (headerAt == FLAGS_AT && (type == HEADERS || type == CONTINUATION)) {
      blockOpen = (octet & END_HEADERS) == 0;
      block = type == HEADERS ? length : block + length;
      over |= !door.isKnown() && block > door.limits().unknownBytes();
    } else if (headerAt == FLAGS_AT
        && (type == SETTINGS || (type == DATA && length == 0 && (octet & END_STREAM) == 0))) {
      over |= !allowance.take();
    }
    if (++headerAt == HEADER_BYTES) {
      frames++;
      skip = length;
      kept = type == DATA;
      headerAt = 0;
      length = 0;
      if (skip == 0) {
        ended();
      }
    }
  }

  private void ended() {
    begun = true;
    if (!blockOpen) {
      pace.complete();
    }
  }
}
