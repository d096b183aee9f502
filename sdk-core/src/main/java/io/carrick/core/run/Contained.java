package io.carrick.core.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Logs what was thrown where nobody can catch it: on threads of Carrick, which go on. One trace a
 * second at most, since a peer may be able to cause many. Throws nothing.
 */
public final class Contained {

  private static final System.Logger LOG = System.getLogger("io.carrick.contained");

  private static final long BETWEEN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long a thread rests where it failed: most often there is no memory. */
  private static final long FAILED_NANOS = 10_000_000L;

  private static final AtomicLong LAST = new AtomicLong(System.nanoTime() - BETWEEN_NANOS);
  private static final AtomicInteger UNSAID = new AtomicInteger();

  private Contained() {}

  /** Before anything fails. */
  public static void prepare() {
    Initialized.all();
    LOG.isLoggable(System.Logger.Level.ERROR);
  }

  /**
   * What a thread runs: the body until it returns; where something is thrown, {@code what} is said,
   * and it begins again after 10 ms. The result throws nothing, and is made before the thread
   * begins.
   */
  public static Runnable untilItReturns(Failing what, Runnable body) {
    return () -> {
      boolean over = false;
      while (!over) {
        try {
          body.run();
          over = true;
        } catch (Throwable t) {
          rest(what, t);
        }
      }
    };
  }

  /**
   * There was no memory: waits 10 ms, unless this thread reads a connection, which may have to go
   * on for some to become free. Whether it has waited.
   */
  public static boolean awaitsMemory() {
    if (CarrickThreads.isReader()) {
      return false;
    }
    LockSupport.parkNanos(FAILED_NANOS);
    return true;
  }

  private static void rest(Failing what, Throwable thrown) {
    try {
      log(what, thrown);
      LockSupport.parkNanos(FAILED_NANOS);
    } catch (Throwable again) {
      unsaid();
    }
  }

  /** Something could not be said: whoever wanted to goes on all the same. */
  public static void unsaid() {
    UNSAID.incrementAndGet();
  }

  /** Logs to a logger of the caller's, if that is possible. Throws nothing. */
  public static void say(
      System.Logger log, System.Logger.Level level, String what, @Nullable Throwable t) {
    try {
      log.log(level, what, t);
    } catch (Throwable again) {
      unsaid();
    }
  }

  /** Logs a throwable, unless another one was logged within the second before. */
  public static void log(Failing what, Throwable thrown) {
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
          unsaid == 0 ? what.toString() : what + " (and " + unsaid + " such failures before it)",
          thrown);
    } catch (Throwable t) {
      // There is no memory, or no stack, to say it with.
      unsaid();
    }
  }
}
