package io.carrick.core.session;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One connection of a session, and what belongs to it and not to the session. */
final class Link {

  final Connection connection;

  /** What this batch of frames made ready. Touched by the reading thread only. */
  final ArrayDeque<Exchange> told = new ArrayDeque<>();

  /** Whether callers have read since the transport was told that none is about to. */
  volatile boolean callersRead;

  // Serial section only.
  private byte @Nullable [] first;
  boolean writable = true;
  long writableEvents;
  boolean reading;

  /** Whether the peer has shown that it uses this connection. */
  boolean confirmed;

  long readAt;

  /** Frames that came when another connection counted already. Touched by the reading thread. */
  int stale;

  /** The one before, until the peer has shown that it uses this one. */
  private @Nullable Link before;

  /** The end of the handshake, where this side says it: goes before every frame of the session. */
  Link(Connection connection, byte @Nullable [] first) {
    this.connection = connection;
    this.first = first;
  }

  void follow(@Nullable Link link) {
    before = link;
  }

  @Nullable Link takeBefore() {
    Link link = before;
    before = null;
    return link;
  }

  void close(CloseReason reason) {
    connection.close(reason);
  }

  boolean hasFirst() {
    return first != null;
  }

  byte @Nullable [] takeFirst() {
    byte[] frame = first;
    first = null;
    return frame;
  }
}
