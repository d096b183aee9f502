package io.carrick.transport.support;

import io.carrick.PeerLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds a peer that lets something be incomplete and sends less of it than {@link
 * PeerLimits#leastBytesPerSecond} over a whole window. Who has nothing open may be silent. At most
 * one timer a window, whatever comes. One thread at a time.
 */
public final class Pace {

  /** The peer that is measured. */
  public interface Peer {

    /** Runs a task later, on the thread that uses the pace; what it returns cancels that. */
    Runnable later(Duration delay, Runnable task);

    /** Whether this side reads nothing now, so that the peer cannot be measured. */
    default boolean isHolding() {
      return false;
    }

    /** How often this side stopped reading. */
    default int pauses() {
      return 0;
    }

    /**
     * Less came than is asked for: to be closed.
     *
     * @param what is incomplete
     * @param bytes what came in a window
     * @param least what is asked for
     */
    void tooSlow(String what, long bytes, long least);
  }

  private final Peer peer;
  private final String what;
  private final Duration window;
  private final long least;
  private boolean incomplete;
  private boolean ended;
  private boolean completed;
  private long bytes;
  private int pauses;
  private long sinceNanos;
  private @Nullable Runnable cancelTimer;

  /**
   * A pace of something that is complete.
   *
   * @param what may be incomplete, for people: "a frame"
   */
  public Pace(PeerLimits limits, Peer peer, String what) {
    this.peer = peer;
    this.what = what;
    this.window = limits.rateWindow();
    this.least = limits.leastBytesPerSecond() * window.toMillis() / 1_000;
  }

  /** Something is incomplete now; nothing if it was already. */
  public void open() {
    incomplete = true;
    if (cancelTimer == null && least > 0 && !ended) {
      measure();
    }
  }

  /** So many bytes came. */
  public void count(long more) {
    bytes += more;
  }

  /** What was incomplete is complete. */
  public void complete() {
    incomplete = false;
    completed = true;
  }

  /** Nothing more will come. */
  public void end() {
    ended = true;
    if (cancelTimer != null) {
      cancelTimer.run();
      cancelTimer = null;
    }
  }

  private void measure() {
    bytes = 0;
    completed = false;
    pauses = peer.pauses();
    sinceNanos = System.nanoTime();
    cancelTimer = peer.later(window, this::check);
  }

  private void check() {
    cancelTimer = null;
    if (!incomplete || ended) {
      return;
    }
    // Long after its time it tells that this process stood still, and not the peer.
    boolean late = System.nanoTime() - sinceNanos > 2 * window.toNanos();
    boolean held = peer.isHolding() || peer.pauses() != pauses;
    if (completed || bytes >= least || held || late) {
      measure();
    } else {
      peer.tooSlow(what, bytes, least);
    }
  }
}
