package io.carrick.transport.grpc;

import io.carrick.PeerLimits;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes the connection of a peer that lets something be incomplete and sends less of it than
 * {@link PeerLimits#leastBytesPerSecond} over a whole window. Who has nothing open may be silent.
 * At most one timer a window, whatever comes. Touched only on the event loop.
 */
final class Pace {

  private final Door door;
  private final String what;
  private final Duration window;
  private final long least;
  private boolean incomplete;
  private boolean ended;
  private boolean completed;
  private long bytes;
  private int pauses;
  private long sinceNanos;
  private @Nullable Future<?> timer;

  /**
   * @param what is incomplete, for the log
   */
  Pace(Door door, String what) {
    PeerLimits limits = door.limits();
    this.door = door;
    this.what = what;
    this.window = limits.rateWindow();
    this.least = limits.leastBytesPerSecond() * window.toMillis() / 1_000;
  }

  /** Something is incomplete now; nothing if it was already. */
  void open() {
    incomplete = true;
    if (timer == null && least > 0 && !ended) {
      measure();
    }
  }

  /** So many bytes came. */
  void count(long more) {
    bytes += more;
  }

  /** What was incomplete is complete. */
  void complete() {
    incomplete = false;
    completed = true;
  }

  /** Nothing more will come. */
  void end() {
    ended = true;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  EventLoop loop() {
    return door.loop();
  }

  private void measure() {
    bytes = 0;
    completed = false;
    pauses = door.pauses();
    sinceNanos = System.nanoTime();
    timer = door.loop().schedule(this::check, window.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void check() {
    timer = null;
    if (!incomplete) {
      return;
    }
    // Long after its time it tells that this process stood still, and not the peer.
    boolean late = System.nanoTime() - sinceNanos > 2 * window.toNanos();
    boolean held = door.isHolding() || door.pauses() != pauses;
    if (completed || bytes >= least || held || late) {
      measure();
    } else {
      door.cutSlow(what, bytes, least);
    }
  }
}
