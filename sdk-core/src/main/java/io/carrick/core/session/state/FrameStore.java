package io.carrick.core.session.state;

import io.carrick.Priority;
import io.carrick.core.frame.FrameWriter;
import io.carrick.spi.Transport;

/**
 * Stores frames for the connection, and until the peer has acknowledged them (F3, F4, F7). A frame
 * gets its seq in the step that stores it, never before.
 */
final class FrameStore {

  private final SessionCore core;
  private final ReplayRing ring;
  private final ReplayWindow window = new ReplayWindow();

  FrameStore(SessionCore core, ReplayRing ring) {
    this.core = core;
    this.ring = ring;
  }

  /** Stores a frame that has its body; false where there is no room. */
  boolean store(byte[] body) {
    int size = FrameWriter.sequencedSize(ring.nextSeq(), body);
    if (!ring.makeRoom(size)) {
      return false;
    }
    long seq = ring.nextSeq();
    FrameWriter.sequenced(ring.append(size), seq, body);
    return true;
  }

  /** Stores the end of a side, or a failure: its bytes, or -1 where there is no room. */
  int storeEnd(Exchange x, OutMessage message) {
    long seq = ring.nextSeq();
    boolean error = message.form == OutMessage.Form.ERROR;
    int size =
        error
            ? FrameWriter.sequencedSize(seq, message.head)
            : FrameWriter.itemSize(
                seq, x.id, message.last, false, OutMessage.NO_BYTES, 0, false, 0, 0);
    if (!ring.makeRoom(size)) {
      return -1;
    }
    if (error) {
      FrameWriter.sequenced(ring.append(size), seq, message.head);
    } else {
      FrameWriter.item(
          ring.append(size),
          seq,
          x.id,
          message.last,
          false,
          OutMessage.NO_BYTES,
          0,
          false,
          0,
          OutMessage.NO_BYTES,
          0,
          0);
    }
    return size;
  }

  /**
   * How many bytes of a message its next frame takes, of an exchange that has or gets this number;
   * -1 where the peer must grant some before.
   */
  int chunk(Exchange x, long id, OutMessage message) {
    boolean first = !message.started;
    byte[] head = first ? message.head : OutMessage.NO_BYTES;
    long length = first ? message.payload.length : 0;
    int overhead = size(opens(message), ring.nextSeq(), id, message, head, length, true, 0) + 8;
    int chunk = Math.min(message.remaining(), Transport.MAX_FRAME_BYTES - overhead);
    long credit = x.bytesAllowed - x.bytesSent;
    if (credit < chunk) {
      // The first frame tells how long the message is, and the receiver then grants all of it at
      // once (F7): so it may be cut, and the others wait.
      if (credit <= 0 || !first) {
        return -1;
      }
      chunk = (int) credit;
    }
    return chunk;
  }

  /** Stores the next frame of a message: its bytes, or -1 where there is no room. */
  int storeData(Exchange x, long id, OutMessage message, int chunk) {
    boolean open = opens(message);
    boolean first = !message.started;
    boolean more = chunk < message.remaining();
    byte[] head = first ? message.head : OutMessage.NO_BYTES;
    long length = first && more ? message.payload.length : 0;
    long seq = ring.nextSeq();
    int size = size(open, seq, id, message, head, length, more, chunk);
    if (!dataRoom(x, size)) {
      return -1;
    }
    if (open) {
      FrameWriter.open(
          ring.append(size), seq, id, head, length, more, message.payload, message.sent, chunk);
    } else {
      FrameWriter.item(
          ring.append(size),
          seq,
          id,
          message.last && !more,
          true,
          head,
          length,
          more,
          first ? message.missed : 0,
          message.payload,
          message.sent,
          chunk);
    }
    return size;
  }

  private static boolean opens(OutMessage message) {
    return message.form == OutMessage.Form.OPEN && !message.started;
  }

  private static int size(
      boolean open,
      long seq,
      long id,
      OutMessage message,
      byte[] head,
      long length,
      boolean more,
      int chunk) {
    return open
        ? FrameWriter.openSize(seq, id, head, length, more, chunk)
        : FrameWriter.itemSize(
            seq,
            id,
            message.last && !more,
            true,
            head,
            length,
            more,
            message.started ? 0 : message.missed,
            chunk);
  }

  private boolean dataRoom(Exchange x, int size) {
    if (!core.has(Rule.BACK_PRESSURE) && !ring.hasRoom(size)) {
      ring.acknowledge(ring.acked() + 1);
    }
    long allowed = window.bytes(core.liveness.rtt());
    if (x.priority == Priority.BULK) {
      allowed = allowed * 3 / 4;
    }
    return (ring.usedBytes() == 0 || ring.usedBytes() + size <= allowed) && ring.makeRoom(size);
  }

  /** A connection took the next frames. */
  void handed(int count) {
    ring.handed(count);
    if (!core.has(Rule.KEEP_UNTIL_ACK)) {
      ring.acknowledge(ring.handedSeq());
    }
  }

  void acknowledged(long cum, long now) {
    window.acknowledged(ring.acknowledge(cum), now);
  }
}
