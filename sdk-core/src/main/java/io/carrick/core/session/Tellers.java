package io.carrick.core.session;

import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import org.jspecify.annotations.Nullable;

/**
 * Tells the owners of exchanges, and the messenger, what the timer found. The timer does not do it
 * itself, since it would wait with them: an executor of the application may take its time, or run
 * what it is given in place.
 */
final class Tellers {

  /** So many executors may take their time at once, until others wait for them. */
  static final int THREADS = 4;

  /** Sessions that wait for one of them; those beyond ask again after 10 ms. */
  static final int MOST_WAITING = 1_024;

  private static final long IDLE_MILLIS = 1_000;

  private final String name;
  private final Runnable work = Contained.untilItReturns(Failing.TELLER, this::run);

  /** A monitor needs no memory, neither to wait for it nor to notify. */
  private final Object lock = new Object();

  // Guarded by lock.
  private final @Nullable Runnable[] waiting = new @Nullable Runnable[MOST_WAITING];
  private int head;
  private int size;
  private int threads;
  private int idle;
  private boolean closed;

  Tellers(String name) {
    this.name = name;
  }

  /** False if too many wait. */
  boolean tell(Runnable section) {
    synchronized (lock) {
      if (closed || size == MOST_WAITING) {
        return false;
      }
      waiting[(head + size++) % MOST_WAITING] = section;
      lock.notify();
    }
    attend();
    return true;
  }

  /** For the timer, now and then, too: there may have been no memory for a thread. */
  void attend() {
    synchronized (lock) {
      if (idle >= size || threads == THREADS) {
        return;
      }
      threads++;
    }
    boolean started = false;
    try {
      Thread thread = CarrickThreads.own(new Thread(work, "carrick-tell-" + name));
      thread.setDaemon(true);
      thread.start();
      started = true;
    } catch (Throwable t) {
      Contained.log(Failing.TELLER, t);
    } finally {
      if (!started) {
        ended();
      }
    }
  }

  private void ended() {
    synchronized (lock) {
      threads--;
    }
  }

  private void run() {
    CarrickThreads.becomeReader();
    for (Runnable task; (task = next()) != null; ) {
      try {
        task.run();
      } catch (Throwable t) {
        Contained.log(Failing.TELLER, t);
      }
    }
  }

  /** Waits for one; null where the thread ends, after a second without. */
  private @Nullable Runnable next() {
    synchronized (lock) {
      for (boolean patient = !closed; patient && size == 0; patient = false) {
        idle++;
        try {
          lock.wait(IDLE_MILLIS);
        } catch (InterruptedException e) {
          // Nobody means this thread: it looks again.
        } finally {
          idle--;
        }
      }
      if (size == 0) {
        threads--;
        return null;
      }
      Runnable task = waiting[head];
      waiting[head] = null;
      head = (head + 1) % MOST_WAITING;
      size--;
      return task;
    }
  }

  /** What waits is told still. */
  void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
  }
}
