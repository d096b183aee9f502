package io.carrick.transport.support;

import io.carrick.spi.Transport;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedList;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Frames that the library has not been given yet, put together to packets: as many frames as fit
 * into 64 KiB, or one. One thread at a time.
 */
final class PacketQueue {

  private static final byte TAG = 0x0a; // Packet.frames, length-delimited (wire.proto).
  private static final int FIRST_BYTES = 512;
  private static final int KEPT_BYTES = 8 * 1024;
  private static final int PACKET_BYTES = Transport.MAX_FRAME_BYTES;

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<Packet> full = new LinkedList<>();

  private byte @Nullable [] tail;
  private int length; // Of the tail.
  private int held;

  /** The bytes that wait, prefixes included. */
  int held() {
    return held;
  }

  boolean isEmpty() {
    return held == 0;
  }

  /** Appends one frame; its position is then at its limit. */
  void append(ByteBuffer frame) {
    int size = frame.remaining();
    int record = size + 1 + varintBytes(size);
    if (length > 0 && length + record > PACKET_BYTES) {
      endPacket();
    }
    byte[] target = room(record);
    int at = length;
    target[at++] = TAG;
    int rest = size;
    for (; rest > 0x7f; rest >>>= 7) {
      target[at++] = (byte) (rest | 0x80);
    }
    target[at++] = (byte) rest;
    frame.get(target, at, size);
    length += record;
    held += record;
  }

  /** The next packet; null if there is none. */
  @Nullable Packet poll() {
    if (full.isEmpty() && length > 0) {
      endPacket();
    }
    Packet next = full.poll();
    if (next != null) {
      held -= next.length();
    }
    return next;
  }

  /** Takes an array back that was sent. */
  void reuse(Packet sent) {
    if (tail == null && sent.bytes().length <= KEPT_BYTES) {
      tail = sent.bytes();
    }
  }

  /** Drops everything. */
  void clear() {
    full.clear();
    tail = null;
    length = 0;
    held = 0;
  }

  private void endPacket() {
    if (tail != null) {
      full.add(new Packet(tail, length));
    }
    tail = null;
    length = 0;
  }

  private byte[] room(int record) {
    if (tail == null) {
      tail = new byte[Math.max(FIRST_BYTES, record)];
    } else if (tail.length - length < record) {
      tail =
          Arrays.copyOf(tail, Math.max(length + record, Math.min(2 * tail.length, PACKET_BYTES)));
    }
    return tail;
  }

  private static int varintBytes(int value) {
    return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7; // ceil(bits / 7).
  }
}
