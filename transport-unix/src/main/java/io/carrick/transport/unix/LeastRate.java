package io.carrick.transport.unix;

import io.carrick.PeerLimits;
import io.carrick.spi.CloseReason;
import io.carrick.transport.support.Pace;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Closes the connection of a peer that lets a frame be incomplete and sends too little of it.
 * Touched only by the one that has the turn.
 */
final class LeastRate implements Pace.Peer {

  private static final System.Logger LOG = System.getLogger(LeastRate.class.getName());

  /** Runs a task later, in a turn. */
  interface Timer {
    void after(Duration delay, Runnable task);
  }

  private final String address;
  private final PeerLimits limits;
  private final Timer timer;
  private final Consumer<CloseReason> close;
  private final Pace pace;
  private long frames;

  LeastRate(String address, PeerLimits limits, Timer timer, Consumer<CloseReason> close) {
    this.address = address;
    this.limits = limits;
    this.timer = timer;
    this.close = close;
    this.pace = new Pace(limits, this, "a frame");
  }

  /** So many bytes came, which brought the frames to this count and left one incomplete or not. */
  void read(int more, long framesNow, boolean incompleteNow) {
    if (framesNow != frames) {
      frames = framesNow;
      pace.complete();
    }
    if (incompleteNow) {
      pace.open();
    }
    pace.count(more);
  }

  @Override
  public Runnable later(Duration delay, Runnable task) {
    timer.after(delay, task);
    return () -> {}; // A connection has one at a time, which does nothing once it is over.
  }

  @Override
  public void tooSlow(String what, long bytes, long least) {
    String why =
        address
            + " sent "
            + bytes
            + " bytes of "
            + what
            + " in "
            + limits.rateWindow()
            + ", and at least "
            + least
            + " are asked for: send faster, or lower PeerLimits.leastBytesPerSecond";
    LOG.log(System.Logger.Level.WARNING, "{0}; closed", why);
    close.accept(CloseReason.protocol(why));
  }
}
