package io.carrick.transport.support;

import io.carrick.spi.Transport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Finds the frames in what one connection reads, in place: each is {@code 0x0A}, its length as a
 * varint of 1 to 3 bytes, and its bytes, which is the field {@code frames} of a Packet
 * (wire.proto). One thread at a time.
 */
public final class FrameReader {

  /** The tag of {@code repeated Frame frames = 1}. */
  public static final byte TAG = 0x0A;

  /** The most that stands before a frame. */
  public static final int MAX_PREFIX_BYTES = 4;

  private static final int SHOWN_BYTES = 32;
  private static final int MORE = -1;

  private byte @Nullable [] partial;
  private long frames;
  private int bodyStart;

  /** A reader that has seen nothing yet. */
  public FrameReader() {}

  /** Puts what was kept of a frame that had not arrived whole in front of what is read next. */
  public void restore(ByteBuffer input) {
    if (partial != null) {
      input.put(partial);
      partial = null;
    }
  }

  /** Keeps what the buffer holds up to its position: less than one frame. */
  public void keep(ByteBuffer input) {
    if (input.position() > 0) {
      byte[] rest = new byte[input.flip().remaining()];
      input.get(rest);
      partial = rest;
    }
  }

  /**
   * Moves the view to the next whole frame and the input behind it.
   *
   * @return false if no whole frame is left
   * @throws FramingException if what comes is no frame
   */
  public boolean next(ByteBuffer input, ByteBuffer view) throws FramingException {
    int length = length(input);
    if (length == MORE || input.limit() - bodyStart < length) {
      return false;
    }
    int end = bodyStart + length;
    view.clear().position(bodyStart).limit(end);
    view.order(ByteOrder.BIG_ENDIAN); // A receiver may have changed it.
    input.position(end);
    frames++;
    return true;
  }

  /** How many frames were found. */
  public long frames() {
    return frames;
  }

  /** Whether a part of a frame is kept. */
  public boolean isPartial() {
    return partial != null;
  }

  /** What a connection that ended here lacks; empty if it ended between frames. */
  public String truncation() {
    if (partial == null) {
      return "";
    }
    ByteBuffer rest = ByteBuffer.wrap(partial);
    try {
      int length = length(rest);
      return length == MORE
          ? "within the prefix of a frame"
          : "after " + (rest.limit() - bodyStart) + " of the " + length + " bytes of a frame";
    } catch (FramingException e) {
      return "within a frame";
    }
  }

  /**
   * The length of the frame that begins at the position, and in bodyStart where its bytes begin.
   */
  private int length(ByteBuffer input) throws FramingException {
    int start = input.position();
    int available = input.remaining();
    if (available == 0) {
      return MORE;
    }
    if (input.get(start) != TAG) {
      throw foreign(input, "has no frame where one must begin");
    }
    int length = 0;
    for (int i = 1; i < MAX_PREFIX_BYTES; i++) {
      if (i >= available) {
        return MORE;
      }
      byte b = input.get(start + i);
      length |= (b & 0x7f) << (7 * (i - 1));
      if (b >= 0) {
        if (b == 0 && i > 1) {
          throw foreign(input, "wrote the length of a frame in more bytes than it needs");
        }
        if (length > Transport.MAX_FRAME_BYTES) {
          throw foreign(input, "announced a frame of " + length + " bytes, more than 65536");
        }
        bodyStart = start + i + 1;
        return length;
      }
    }
    throw foreign(input, "announced a frame of more than 65536 bytes");
  }

  private FramingException foreign(ByteBuffer input, String what) {
    String shown = show(input);
    if (frames == 0) {
      return new FramingException(
          "peer does not speak Carrick: it began with \""
              + shown
              + "\" and "
              + what
              + "; connect the two with a Carrick SDK on both sides, or check the path");
    }
    return new FramingException(
        "peer "
            + what
            + ", after "
            + frames
            + " frames, at \""
            + shown
            + "\"; update the peer or report a defect");
  }

  private static String show(ByteBuffer input) {
    StringBuilder out = new StringBuilder();
    int shown = Math.min(input.remaining(), SHOWN_BYTES);
    for (int i = 0; i < shown; i++) {
      int b = input.get(input.position() + i) & 0xff;
      switch (b) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        case '"', '\\' -> out.append('\\').append((char) b);
        default -> {
          if (b >= 0x20 && b < 0x7f) {
            out.append((char) b);
          } else {
            out.append(String.format("\\x%02x", b));
          }
        }
      }
    }
    return out.toString();
  }
}
