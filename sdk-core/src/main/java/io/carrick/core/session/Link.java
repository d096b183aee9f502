package io.carrick.core.session;

import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.state.Exchange;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One connection of a session, and what belongs to it and not to the session. */
final class Link {

  static final CloseReason MOVED = CloseReason.local("the session moved");

  final Connection connection;

  // Touched by the reading thread only.

  /** What this batch of frames made ready. */
  final List<Exchange> told = new ArrayList<>();

  int frameBytes;

  /** What the frame that was handled broke. */
  @Nullable String violation;

  /** The connection before, which is not needed any more. */
  @Nullable Link replaced;

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
  private final AtomicReference<@Nullable Link> before = new AtomicReference<>();

  /** The end of the handshake, where this side says it: goes before every frame of the session. */
  Link(Connection connection, byte @Nullable [] first) {
    this.connection = connection;
    this.first = first;
  }

  void follow(@Nullable Link link) {
    before.set(link);
  }

  @Nullable Link takeBefore() {
    return before.getAndSet(null);
  }

  /** Closes it, and the one before if that still stands; throws nothing. */
  void close(CloseReason reason) {
    try {
      connection.close(reason);
    } catch (Throwable t) {
      Contained.log(Failing.CLOSE, t);
    }
    Link other = takeBefore();
    if (other != null) {
      other.close(MOVED);
    }
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
