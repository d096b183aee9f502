package io.carrick.core.run;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread for what happens later without a session: back-off, and deadlines of calls that wait
 * for one. Actions are short and never run user code: that goes to {@link ApplicationExecutor}.
 * What is here once runs when it is due, however little memory there is then.
 */
public final class Delays {

  private static final Duration LONGEST = Duration.ofHours(24);

  /** Of an action for which there is no memory, 10 ms after each other. */
  private static final int MOST_TRIES = 3_000;

  private static final int FIRST = 64;

  /** A monitor needs no memory, neither to wait for it nor to notify. */
  private final Object lock = new Object();

  // Guarded by lock.

  /** A heap (Knuth, volume 3, section 5.2.3), the earliest first. */
  private @Nullable Delay[] heap = new @Nullable Delay[FIRST];

  private int size;
  private boolean closed;

  public Delays(String service) {
    Runnable work = Contained.untilItReturns(Failing.DELAYS, this::run);
    Thread thread = new Thread(work, "carrick-delays-" + service);
    CarrickThreads.own(thread);
    thread.setDaemon(true);
    // At once, since there may be no thread to be had later.
    thread.start();
  }

  /** Something that is due later. */
  public final class Delay {

    private static final int NOWHERE = -1;

    private final BooleanSupplier goesOn;
    private final long everyNanos;

    // Guarded by lock.
    private long at;
    private int index = NOWHERE;
    private boolean over;

    private Delay(long at, long everyNanos, BooleanSupplier goesOn) {
      this.at = at;
      this.everyNanos = everyNanos;
      this.goesOn = goesOn;
    }

    /** It does not run any more, unless it does so now. */
    public void cancel() {
      synchronized (lock) {
        over = true;
        if (index != NOWHERE && !closed) {
          remove(this);
        }
      }
    }
  }

  /** Runs an action later; after {@link #close} never. */
  public Delay after(long nanos, Runnable action) {
    return every(
        nanos,
        0,
        () -> {
          action.run();
          return false;
        });
  }

  /** Runs an action again and again, until it says false; after {@link #close} never. */
  public Delay every(long firstNanos, long nanos, BooleanSupplier goesOn) {
    Delay delay = new Delay(System.nanoTime() + Math.max(0, firstNanos), nanos, goesOn);
    synchronized (lock) {
      if (!closed) {
        // There is always room for the one that runs, which comes back.
        if (size + 2 > heap.length) {
          heap = Arrays.copyOf(heap, 2 * heap.length);
        }
        add(delay);
        if (delay.index == 0) {
          lock.notify();
        }
      }
    }
    return delay;
  }

  private void run() {
    for (Delay due; (due = next()) != null; ) {
      if (goesOn(due)) {
        again(due);
      }
    }
  }

  /** Waits for one; null once this is closed. */
  private @Nullable Delay next() {
    synchronized (lock) {
      while (!closed) {
        Delay first = heap[0];
        long left = first == null ? Long.MAX_VALUE : first.at - System.nanoTime();
        if (first != null && left <= 0) {
          remove(first);
          return first;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lock, left);
        } catch (InterruptedException e) {
          // Nobody means this thread: it looks again.
        }
      }
      return null;
    }
  }

  private void again(Delay delay) {
    synchronized (lock) {
      if (!closed && !delay.over) {
        delay.at = System.nanoTime() + delay.everyNanos;
        add(delay);
      }
    }
  }

  /** Where there is no memory it is tried again: a deadline, for instance, has to pass. */
  private static boolean goesOn(Delay due) {
    for (int i = 0; i < MOST_TRIES; i++) {
      try {
        return due.goesOn.getAsBoolean();
      } catch (OutOfMemoryError e) {
        Contained.log(Failing.DELAYED, e);
        Contained.awaitsMemory();
      } catch (Throwable t) {
        Contained.log(Failing.DELAYED, t);
        break;
      }
    }
    return due.everyNanos > 0;
  }

  // The heap; the lock is held.

  private void add(Delay delay) {
    up(size++, delay);
  }

  private void remove(Delay delay) {
    int hole = delay.index;
    delay.index = Delay.NOWHERE;
    Delay last = heap[--size];
    heap[size] = null;
    if (last != null && last != delay) {
      down(hole, last);
      if (heap[hole] == last) {
        up(hole, last);
      }
    }
  }

  private void up(int from, Delay delay) {
    int at = from;
    while (at > 0) {
      int above = (at - 1) / 2;
      Delay parent = Objects.requireNonNull(heap[above]);
      if (delay.at - parent.at >= 0) {
        break;
      }
      put(at, parent);
      at = above;
    }
    put(at, delay);
  }

  private void down(int from, Delay delay) {
    int at = from;
    for (Delay child; (child = earlierBelow(at)) != null && child.at - delay.at < 0; ) {
      int below = child.index;
      put(at, child);
      at = below;
    }
    put(at, delay);
  }

  private @Nullable Delay earlierBelow(int at) {
    int left = 2 * at + 1;
    Delay first = left < size ? heap[left] : null;
    Delay second = left + 1 < size ? heap[left + 1] : null;
    return first == null || second == null || first.at - second.at <= 0 ? first : second;
  }

  private void put(int at, Delay delay) {
    heap[at] = delay;
    delay.index = at;
  }

  /** A time as nanoseconds, at most 24 h. */
  public static long nanos(Duration time) {
    return time.compareTo(LONGEST) < 0 ? time.toNanos() : LONGEST.toNanos();
  }

  public void close() {
    synchronized (lock) {
      closed = true;
      Arrays.fill(heap, null);
      size = 0;
      lock.notify();
    }
  }
}
