package io.carrick.core.session.state;

import io.carrick.core.frame.FrameWriter;
import java.util.List;

/**
 * What this side owes the peer outside of the sequence: ACK with its grants (F6, F10), PONG and
 * PING (F11). An ACK rides on any write, goes by itself after 64 frames or 128 KiB, else within 25
 * ms.
 */
public final class Acknowledgement {

  static final int FRAMES = 64;
  static final int BYTES = 128 << 10;
  static final long DELAY_NANOS = 25_000_000L;

  public final OpenGrant calls;
  public final OpenGrant streams;
  private long cum;
  private boolean owed;
  private boolean now;
  private long due;
  private int frames;
  private int bytes;
  private boolean pongOwed;
  private long pongToken;

  Acknowledgement(SessionConfig config) {
    calls = new OpenGrant(config.initialCalls(), config.maxCalls());
    streams = new OpenGrant(config.initialCalls(), config.maxCalls());
  }

  /** The highest seq received in order. */
  public long cum() {
    return cum;
  }

  void accepted(long seq, int size, long time) {
    cum = seq;
    received(size, time);
  }

  /** A sequenced frame came, perhaps once more: the peer is told where we are. */
  void received(int size, long time) {
    if (!owed) {
      owed = true;
      due = time + DELAY_NANOS;
    }
    bytes += size;
    if (++frames >= FRAMES || bytes >= BYTES) {
      now = true;
    }
  }

  /** Another connection begins: what was said on the one before may not have arrived. */
  void restart() {
    owed = true;
    now = true;
    pongOwed = false;
  }

  boolean isOwed() {
    return owed;
  }

  /** An ACK that is owed goes with the next write, and is reason enough for one. */
  void hurry() {
    now |= owed;
  }

  /** When an ACK must go by itself; the given time where none must. */
  long nextTick(long otherwise) {
    return owed && !now && otherwise - due > 0 ? due : otherwise;
  }

  void tick(long time) {
    if (owed && time - due >= 0) {
      now = true;
    }
  }

  /** The peer opened an exchange; false if it had no grant. */
  boolean opened(boolean oneShot, boolean mayGrow) {
    return (oneShot ? calls : streams).opened(mayGrow);
  }

  /** An exchange that the peer opened has ended. */
  void ended(boolean oneShot) {
    OpenGrant grant = oneShot ? calls : streams;
    grant.ended();
    now |= grant.urgent();
  }

  void ping(long token) {
    pongOwed = true;
    pongToken = token;
  }

  boolean mustWrite() {
    return now || pongOwed;
  }

  /** Adds what is due; {@code writing} says that other frames are written, too. */
  void collect(List<byte[]> out, boolean writing) {
    if (now || (writing && (owed || calls.owed() || streams.owed()))) {
      out.add(FrameWriter.ack(cum, calls.announce(), streams.announce()));
      owed = false;
      now = false;
      frames = 0;
      bytes = 0;
    }
    if (pongOwed) {
      pongOwed = false;
      out.add(FrameWriter.pong(pongToken, cum));
    }
  }
}
