package io.carrick.netty;

import io.netty.buffer.ByteBuf;

/**
 * Finds headers that go on in the next line (RFC 9112, section 5.2), which the decoder takes and
 * others may read as another header. Of one request at a time, on its loop.
 */
final class FoldedLines {

  private boolean first; // Up to the end of the request line.
  private boolean empty; // This line, so far.
  private boolean over; // The head.

  /** A request begins. */
  void begin() {
    first = true;
    empty = true;
    over = false;
  }

  /** Whether one of these bytes, which are not consumed, folds a line of the head. */
  boolean in(ByteBuf bytes) {
    for (int i = bytes.readerIndex(); i < bytes.writerIndex() && !over; i++) {
      byte b = bytes.getByte(i);
      if (b == '\n') {
        over = empty && !first;
        first &= empty;
        empty = true;
      } else if (b != '\r') {
        if (empty && !first && (b == ' ' || b == '\t')) {
          return true;
        }
        empty = false;
      }
    }
    return false;
  }
}
