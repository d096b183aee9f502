package io.carrick.transport.unix;

import io.carrick.PeerLimits;
import io.carrick.spi.CloseReason;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Closes the connection of a peer that lets a frame be incomplete and sends less than {@link
 * PeerLimits#leastBytesPerSecond} over a whole window. Who is silent between frames may be. At most
 * one timer a window. Touched only by the one that has the turn.
 */
final class Pace {

  private static final System.Logger LOG = System.getLogger(Pace.class.getName());

  /** Runs a task later, in a turn. */
  interface Timer {
    void after(Duration delay, Runnable task);
  }

  private final String address;
  private final Duration window;
  private final long least;
  private final Timer timer;
  private final Consumer<CloseReason> close;
  private boolean measuring;
  private boolean incomplete;
  private long frames;
  private long framesBefore;
  private long bytes;
  private long sinceNanos;

  Pace(String address, PeerLimits limits, Timer timer, Consumer<CloseReason> close) {
    this.address = address;
    this.window = limits.rateWindow();
    this.least = limits.leastBytesPerSecond() * window.toMillis() / 1_000;
    this.timer = timer;
    this.close = close;
  }

  /** So many bytes came, which brought the frames to this count and left one incomplete or not. */
  void read(int more, long framesNow, boolean incompleteNow) {
    frames = framesNow;
    incomplete = incompleteNow;
    if (incomplete && !measuring && least > 0) {
      measure();
    }
    bytes += more;
  }

  private void measure() {
    measuring = true;
    bytes = 0;
    framesBefore = frames;
    sinceNanos = System.nanoTime();
    timer.after(window, this::check);
  }

  private void check() {
    measuring = false;
    // Long after its time it tells that this process stood still, and not the peer.
    boolean late = System.nanoTime() - sinceNanos > 2 * window.toNanos();
    if (!incomplete) {
      return;
    }
    if (frames != framesBefore || bytes >= least || late) {
      measure();
      return;
    }
    String why =
        address
            + " sent "
            + bytes
            + " bytes of a frame in "
            + window
            + ", and at least "
            + least
            + " are asked for: send faster, or lower PeerLimits.leastBytesPerSecond";
    LOG.log(System.Logger.Level.WARNING, "{0}; closed", why);
    close.accept(CloseReason.protocol(why));
  }
}
