package io.carrick.transport.unix;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to read a connection and to call its receiver: the loop's, or that of a caller
 * that waits. A caller borrows the connection from the loop, which stops waiting for it; the loop
 * has it back {@link #BORROWED} after the last caller read, or at the second look after it.
 */
final class Turn {

  /** Tasks of a connection that wait for the turn: each that there is, once. */
  private static final int MOST_LATER = 4;

  /** How often the loop looks whether callers still read. */
  static final Duration BORROWED = Duration.ofMillis(1);

  /** Whether the loop waits for input of the connection. */
  interface Interest {

    /** Sets it; on the loop. */
    void waitForInput(boolean wait);
  }

  /** What it needs of the loop of its connection, which {@link EventLoop} explains. */
  interface Loop {

    void execute(Runnable task);

    void schedule(Duration delay, Runnable task);

    void lookForMissed();

    Leases leases();
  }

  private final Loop loop;
  private final Interest interest;
  private final SocketChannel channel;
  private final Runnable runLater = this::runLater;
  private final AtomicBoolean taken = new AtomicBoolean(true); // Until there is a receiver.
  private final AtomicLong polls = new AtomicLong();
  private final Object lock = new Object();
  private final ArrayDeque<Runnable> later = new ArrayDeque<>(MOST_LATER); // By lock.

  // Touched only on the loop.
  private boolean over;
  private boolean looking;

  /** Set by the one that has the turn. */
  private volatile @Nullable Lease lease;

  Turn(Loop loop, SocketChannel channel, Interest interest) {
    this.loop = loop;
    this.interest = interest;
    this.channel = channel;
  }

  /** Takes the turn, unless somebody has it. */
  boolean take() {
    return taken.compareAndSet(false, true);
  }

  /** Ends the turn; what the loop wanted to do meanwhile is done on it. */
  void end() {
    taken.set(false);
    if (anyLater()) {
      try {
        loop.execute(runLater);
      } catch (RuntimeException | Error e) {
        loop.lookForMissed();
      }
    }
  }

  /** There was no memory for something that the loop does; on the loop. */
  void missed() {
    if (!over && lease != null && !looking) {
      lookLater();
    }
    runLater();
  }

  /**
   * Runs a task in a turn of the loop: now, or as soon as a caller ends its own; once, however
   * often it is asked for until then. On the loop.
   */
  void run(Runnable task) {
    synchronized (lock) {
      if (!later.contains(task)) {
        later.add(task);
      }
    }
    runLater();
    Lease borrowed = lease;
    if (borrowed != null && anyLater()) {
      borrowed.wake();
    }
  }

  private boolean anyLater() {
    synchronized (lock) {
      return !later.isEmpty();
    }
  }

  private @Nullable Runnable nextLater() {
    synchronized (lock) {
      return later.poll();
    }
  }

  /** Runs the last task, and never again gives the connection to the loop; on the loop. */
  void runLast(Runnable task) {
    over = true;
    run(task);
  }

  private void runLater() {
    while (anyLater() && take()) {
      try {
        for (Runnable task; (task = nextLater()) != null; ) {
          EventLoop.guarded(task);
        }
      } finally {
        taken.set(false);
      }
    }
  }

  /** What a caller reads with, in its turn; null where all leases of the loop are in use. */
  @Nullable Lease borrow() throws IOException {
    Lease borrowed = lease;
    if (borrowed == null) {
      borrowed = loop.leases().take();
      if (borrowed == null) {
        return null;
      }
      lease = borrowed;
      boolean begun = false;
      try {
        borrowed.begin(channel);
        loop.execute(this::leave);
        begun = true;
      } finally {
        if (!begun) {
          giveBack(); // The connection may be over, and nobody else would do it.
        }
      }
    }
    polls.incrementAndGet();
    return borrowed;
  }

  private void leave() {
    if (!over && lease != null) {
      interest.waitForInput(false);
      if (!looking) {
        lookLater();
      }
    }
  }

  /** No caller is about to read: the loop does, at once. */
  void handBack() {
    if (lease != null) {
      loop.execute(this::takeBack);
    }
  }

  /** Whether the loop waits for input again, or never will; not where a caller has the turn. */
  private boolean takeBack() {
    if (over || lease == null) {
      return true;
    }
    if (!take()) {
      return false;
    }
    giveBack();
    interest.waitForInput(true);
    end();
    return true;
  }

  private void lookLater() {
    looking = false;
    long seen = polls.get();
    try {
      loop.schedule(BORROWED, () -> look(seen));
      looking = true;
    } catch (RuntimeException | Error e) {
      loop.lookForMissed();
    }
  }

  private void look(long seen) {
    looking = false;
    if (lease != null && (polls.get() != seen || !takeBack())) {
      lookLater();
    }
  }

  /** Ends the borrowing, in a turn. */
  void giveBack() {
    Lease borrowed = lease;
    if (borrowed != null) {
      lease = null;
      loop.leases().give(borrowed);
    }
  }
}
