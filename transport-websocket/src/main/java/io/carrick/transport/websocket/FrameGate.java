package io.carrick.transport.websocket;

import io.carrick.netty.Door;
import io.carrick.transport.support.Allowance;
import io.carrick.transport.support.Pace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.glassfish.tyrus.spi.ReadHandler;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the frames (RFC 6455, section 5.2) before Tyrus does, which gathers what it is given and
 * takes what breaks rules: hands over whole ones, and ends the connection before it gathers more
 * than a message may have. Touched only on the event loop.
 */
final class FrameGate extends ChannelInboundHandlerAdapter {

  /** A message, its fragments together: twice what a session sends. */
  static final int MAX_MESSAGE_BYTES = 128 * 1024;

  /** What a fragment counts at least, for what Tyrus keeps of each. */
  private static final int LEAST_FRAGMENT_BYTES = 128;

  /** Pings and pongs within {@link #CONTROL_WINDOW_SECONDS}; each ping is answered. */
  static final int MAX_CONTROLS = 100;

  static final int CONTROL_WINDOW_SECONDS = 10;

  private static final int CLOSE_PROTOCOL = 1002; // RFC 6455, section 7.4.1, as the next ones.
  private static final int CLOSE_UNSUPPORTED = 1003;
  private static final int CLOSE_POLICY = 1008;
  private static final int CLOSE_TOO_BIG = 1009;

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PONG = 10;
  private static final int MOST_IN_CONTROL = 125; // Section 5.5.
  private static final int FIRST_BYTES = 2;
  private static final int MASK_BYTES = 4;
  private static final int KEPT_BYTES = 8 * 1024;

  private final WebSocketChannel channel;
  private final boolean masked;
  private final @Nullable Door door;
  private final @Nullable Pace pace;
  private final Allowance controls = new Allowance(MAX_CONTROLS, CONTROL_WINDOW_SECONDS);
  private @Nullable ReadHandler tyrus;

  private @Nullable ByteBuf early; // What one read brought before somebody receives.
  private boolean receiving;
  private boolean over;

  private byte[] frame = new byte[512];
  private int filled;
  private int needed = FIRST_BYTES;
  private int headerBytes;
  private boolean known; // Whether the header is read, so that needed is the whole frame.
  private boolean inMessage; // Whether fragments are to follow.
  private long messageBytes;
  private int frames;

  /**
   * The gate of a connection.
   *
   * @param door of an accepted one, whose frames have to be masked; null for one that was dialled
   */
  FrameGate(WebSocketChannel channel, @Nullable Door door) {
    this.channel = channel;
    this.masked = door != null;
    this.door = door;
    this.pace = door == null ? null : new Pace(door.limits(), door, "a message");
  }

  /** Who takes the frames; before the first one comes. */
  void to(ReadHandler handler) {
    tyrus = handler;
  }

  /** Somebody receives from now on. */
  void open() {
    receiving = true;
    ByteBuf first = early;
    early = null;
    if (first != null) {
      take(first);
    }
  }

  /** What comes from now on is thrown away. */
  void shut() {
    over = true;
    early = null;
    if (pace != null) {
      pace.end();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes) || over) {
      ReferenceCountUtil.release(message);
    } else if (receiving) {
      take(bytes);
    } else {
      early = Unpooled.buffer().writeBytes(early == null ? Unpooled.EMPTY_BUFFER : early);
      early.writeBytes(bytes);
      bytes.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslCloseCompletionEvent) {
      channel.inputEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    channel.broken("its network broke");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    channel.broken(String.valueOf(cause));
  }

  private void take(ByteBuf bytes) {
    try {
      int came = bytes.readableBytes();
      frames = 0;
      while (bytes.isReadable() && !over) {
        gather(bytes);
      }
      if (door != null && pace != null && !over) {
        pace.count(came);
        door.frames(frames, came);
        if (filled > 0 || inMessage) {
          pace.open();
        }
      }
    } finally {
      bytes.release();
    }
  }

  private void gather(ByteBuf bytes) {
    int step = Math.min(needed - filled, bytes.readableBytes());
    if (frame.length < filled + step) { // As it comes, and not as it is announced.
      frame = Arrays.copyOf(frame, Math.min(needed, Math.max(2 * frame.length, filled + step)));
    }
    bytes.readBytes(frame, filled, step);
    filled += step;
    if (filled == needed && needed == FIRST_BYTES) {
      begins();
    }
    if (filled == needed && !known && !over) {
      measure();
    }
    if (filled == needed && known && !over) {
      ends();
    }
  }

  /** Two bytes are there. */
  private void begins() {
    int opcode = frame[0] & 0x0f;
    int length = frame[1] & 0x7f;
    boolean fin = (frame[0] & 0x80) != 0;
    boolean control = opcode >= CLOSE;
    if ((frame[0] & 0x70) != 0) {
      refuse(CLOSE_PROTOCOL, "a frame has a reserved bit; no extension was agreed");
    } else if (opcode > PONG || (opcode > BINARY && !control)) {
      refuse(CLOSE_PROTOCOL, "a frame has the unknown opcode " + opcode);
    } else if ((frame[1] < 0) != masked) {
      refuse(CLOSE_PROTOCOL, masked ? "a frame has no mask" : "a frame of the server has a mask");
    } else if (control && (!fin || length > MOST_IN_CONTROL)) {
      refuse(CLOSE_PROTOCOL, "a control frame is in fragments or has more than 125 bytes");
    } else if (control && opcode != CLOSE && !controls.take()) {
      refuse(
          CLOSE_POLICY,
          "more than "
              + MAX_CONTROLS
              + " pings and pongs came in "
              + CONTROL_WINDOW_SECONDS
              + " s");
    } else if (opcode == TEXT) {
      refuse(
          CLOSE_UNSUPPORTED, "a text message came; those of " + Engines.PROTOCOL + " are binary");
    } else if (!control && (opcode == CONTINUATION) != inMessage) {
      refuse(CLOSE_PROTOCOL, "a fragment came where none was due, or a message in another one");
    }
    needed += (length == 126 ? 2 : length == 127 ? 8 : 0) + (masked ? MASK_BYTES : 0);
    headerBytes = needed;
  }

  /** The header is there. */
  private void measure() {
    known = true;
    int code = frame[1] & 0x7f;
    ByteBuffer header = ByteBuffer.wrap(frame);
    long length =
        code == 126
            ? header.getShort(FIRST_BYTES) & 0xffff
            : code == 127 ? header.getLong(2) : code;
    boolean shorter = (code == 126 && length < 126) || (code == 127 && length >>> 16 == 0);
    if (shorter || length < 0) { // Section 5.2: the minimal number of bytes.
      refuse(CLOSE_PROTOCOL, "a frame has a length that could be shorter");
      return;
    }
    boolean control = (frame[0] & 0x08) != 0;
    if (!control) {
      boolean whole = frame[0] < 0 && !inMessage;
      messageBytes += whole ? length : Math.max(length, LEAST_FRAGMENT_BYTES);
      if (messageBytes > MAX_MESSAGE_BYTES || length > MAX_MESSAGE_BYTES) {
        refuse(
            CLOSE_TOO_BIG,
            "a message of "
                + Math.max(length, messageBytes)
                + " bytes or more came, and "
                + MAX_MESSAGE_BYTES
                + " are allowed");
        return;
      }
      inMessage = frame[0] >= 0;
    }
    needed += (int) length;
  }

  /** The frame is there. */
  private void ends() {
    frames++;
    int start = masked ? unmask() : 0;
    ByteBuffer whole = ByteBuffer.wrap(frame, start, filled - start);
    filled = 0;
    needed = FIRST_BYTES;
    known = false;
    if (!inMessage) {
      messageBytes = 0;
      if (pace != null) {
        pace.complete();
      }
    }
    Objects.requireNonNull(tyrus).handle(whole); // It copies.
    if (frame.length > KEPT_BYTES) {
      frame = new byte[KEPT_BYTES];
    }
  }

  /** In words, as Tyrus would byte by byte; where the frame begins that has no mask any more. */
  private int unmask() {
    ByteBuffer view = ByteBuffer.wrap(frame);
    int mask = view.getInt(headerBytes - MASK_BYTES);
    long twice = ((long) mask << 32) | (mask & 0xffff_ffffL);
    int at = headerBytes;
    for (; at + 8 <= filled; at += 8) {
      view.putLong(at, view.getLong(at) ^ twice);
    }
    for (int shift = 24; at < filled; at++, shift -= 8) {
      frame[at] ^= (byte) (mask >>> (shift & 31));
    }
    System.arraycopy(frame, 0, frame, MASK_BYTES, headerBytes - MASK_BYTES);
    frame[MASK_BYTES + 1] &= 0x7f;
    return MASK_BYTES;
  }

  private void refuse(int code, String what) {
    over = true;
    channel.refuse(code, what);
  }
}
