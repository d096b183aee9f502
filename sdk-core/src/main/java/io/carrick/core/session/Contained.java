package io.carrick.core.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Logs what was thrown where nobody can catch it: on threads of Carrick, which go on. One trace a
 * second at most, since a peer may be able to cause many. Throws nothing.
 */
public final class Contained {

  private static final System.Logger LOG = System.getLogger("io.carrick.contained");

  private static final long BETWEEN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final AtomicLong LAST = new AtomicLong(System.nanoTime() - BETWEEN_NANOS);
  private static final AtomicInteger UNSAID = new AtomicInteger();

  private Contained() {}

  /** Logs a throwable, unless another one was logged within the second before. */
  public static void log(String what, Throwable thrown) {
    try {
      long now = System.nanoTime();
      long last = LAST.get();
      if (now - last < BETWEEN_NANOS || !LAST.compareAndSet(last, now)) {
        UNSAID.incrementAndGet();
        return;
      }
      int unsaid = UNSAID.getAndSet(0);
      LOG.log(
          System.Logger.Level.ERROR,
          unsaid == 0 ? what : what + " (and " + unsaid + " such failures before it)",
          thrown);
    } catch (Throwable t) {
      // There is no memory, or no stack, to say it with: who called goes on all the same.
      UNSAID.incrementAndGet();
    }
  }
}
