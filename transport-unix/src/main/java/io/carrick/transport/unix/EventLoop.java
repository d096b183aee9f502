package io.carrick.transport.unix;

import io.carrick.transport.support.SafeLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** One thread that waits for its channels and runs what others ask for. */
final class EventLoop implements Runnable, Turn.Loop {

  /** What one connection may read before the others get their turn. */
  static final int READ_BYTES = 256 * 1024;

  /** What others asked for that is done before channels get their turn. */
  private static final int TASKS = 1024;

  private static final System.Logger LOG = System.getLogger(EventLoop.class.getName());

  /** What is attached to the key of a channel. */
  interface Ready {

    /** It waits by this key from now on, which is another one after the selector broke. */
    void registered(SelectionKey key);

    /** The channel is ready for one or more of the operations that it waits for. */
    void ready(int operations);

    /** It did not take that it is ready: something was thrown. Throws nothing itself. */
    void failed(Throwable cause);

    /** What others asked for may not have reached the loop: there was no memory to say so. */
    void missed();
  }

  private record Timer(long atNanos, Runnable task) implements Comparable<Timer> {

    @Override
    public int compareTo(Timer other) {
      return Long.signum(atNanos - other.atNanos);
    }
  }

  /** The wait after a turn that threw, so that what is thrown in each turn is no fire. */
  private static final long PAUSE_NANOS = 10_000_000;

  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean(true);
  private final Object wakeLock = new Object();
  private final Leases leases = new Leases();
  private volatile boolean missed;
  private volatile boolean ended; // Guarded by wakeLock when it is set.
  private volatile Selector selector; // The same.

  // Touched only on the thread.
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BYTES);
  private final ByteBuffer view = input.duplicate();
  private boolean stopping;

  EventLoop(String threadName) throws IOException {
    selector = Selector.open();
    thread = new Thread(this, threadName);
    thread.setDaemon(true);
    thread.setContextClassLoader(EventLoop.class.getClassLoader()); // Not its starter's.
  }

  /**
   * Starts its thread.
   *
   * @throws IOException if the system gives no thread; it is of no use then
   */
  void start() throws IOException {
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      selector.close();
      throw new IOException("cannot start " + thread.getName() + ": " + e.getMessage(), e);
    }
  }

  /** Runs a task on the thread; on one of the JDK's where the loop has ended. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (ended) {
      if (tasks.remove(task)) {
        ForkJoinPool.commonPool().execute(task);
      }
    } else if (!onThread()) {
      wake();
    }
  }

  /** A task could not be given: asks the owner of each channel whether it was its own. */
  @Override
  public void lookForMissed() {
    missed = true;
    wake();
  }

  /** Runs a task later; called on the thread. */
  @Override
  public void schedule(Duration delay, Runnable task) {
    timers.add(new Timer(System.nanoTime() + delay.toNanos(), task));
  }

  /** Waits for a channel; called on the thread. */
  void register(SelectableChannel channel, int operations, Ready ready) throws IOException {
    ready.registered(channel.register(selector, operations, ready));
  }

  /** Ends the thread once the tasks given before are done. */
  void stop() {
    execute(() -> stopping = true);
  }

  boolean onThread() {
    return Thread.currentThread() == thread;
  }

  void awaitEnd(Duration max) throws InterruptedException {
    thread.join(max.toMillis());
  }

  /** What callers read connections of this loop with. */
  @Override
  public Leases leases() {
    return leases;
  }

  /** The buffer that all connections of the loop read into, empty; touched only on the thread. */
  ByteBuffer input() {
    return input.clear();
  }

  /** A second view of the input, for frames. */
  ByteBuffer view() {
    return view;
  }

  @Override
  public void run() {
    try {
      while (!stopping) {
        try {
          turn();
        } catch (RuntimeException | Error e) {
          // Even what says that something failed needs memory, at its first time for its text.
        }
      }
    } finally {
      end();
    }
  }

  /** Whatever is thrown, the loop goes on: it would strand all its connections. */
  private void turn() {
    try {
      select();
      askMissed();
      runTasks();
      runTimers();
    } catch (IOException | ClosedSelectorException e) {
      mend(e);
    } catch (RuntimeException | Error e) {
      failed(e);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void askMissed() {
    if (!missed) {
      return;
    }
    missed = false;
    boolean asked = false;
    try {
      for (SelectionKey key : selector.keys()) {
        ((Ready) key.attachment()).missed();
      }
      asked = true;
    } finally {
      missed |= !asked;
    }
  }

  /** Goes on with another selector, or tries that again in the next turn. */
  void mend(Exception cause) {
    LockSupport.parkNanos(PAUSE_NANOS);
    failed(cause);
    try {
      Selector broken = selector;
      Selector fresh = Selector.open();
      List<SelectionKey> keys = broken.isOpen() ? List.copyOf(broken.keys()) : List.of();
      for (SelectionKey key : keys) {
        move(key, fresh);
      }
      synchronized (wakeLock) {
        selector = fresh;
      }
      broken.close();
    } catch (IOException | RuntimeException | Error e) {
      failed(e);
    }
  }

  private static void move(SelectionKey key, Selector fresh) {
    Ready ready = (Ready) key.attachment();
    try {
      if (key.isValid()) {
        ready.registered(key.channel().register(fresh, key.interestOps(), ready));
      }
    } catch (IOException | RuntimeException | Error e) {
      ready.failed(e);
    }
  }

  private void select() throws IOException {
    // A receiver may have left it set, and an interrupted thread never waits in a selector.
    Thread.interrupted();
    awake.set(false);
    if (!tasks.isEmpty()) {
      selector.selectNow(EventLoop::dispatch);
    } else if (timers.isEmpty()) {
      selector.select(EventLoop::dispatch);
    } else {
      long millis = (timers.element().atNanos - System.nanoTime()) / 1_000_000 + 1;
      selector.select(EventLoop::dispatch, Math.max(1, millis));
    }
    awake.set(true);
  }

  private static void dispatch(SelectionKey key) {
    if (key.isValid()) {
      Ready ready = (Ready) key.attachment();
      try {
        ready.ready(key.readyOps());
      } catch (RuntimeException | Error e) {
        ready.failed(e);
        failed(e);
      }
    }
  }

  private void runTasks() {
    Runnable task;
    for (int i = 0; i < TASKS && (task = tasks.poll()) != null; i++) {
      guarded(task);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    while (!timers.isEmpty() && timers.element().atNanos - now <= 0) {
      guarded(timers.remove().task);
    }
  }

  /** Runs a task, whatever it throws. */
  static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  private static void failed(Throwable e) {
    said(System.Logger.Level.ERROR, "A task of a loop failed; the loop goes on", e);
  }

  /** Logs, if that is possible; throws nothing. */
  static void said(System.Logger.Level level, String what, Throwable thrown) {
    SafeLog.log(LOG, level, what, thrown);
  }

  private void wake() {
    if (awake.compareAndSet(false, true)) {
      synchronized (wakeLock) {
        if (!ended) {
          selector.wakeup();
        }
      }
    }
  }

  private void end() {
    synchronized (wakeLock) {
      ended = true;
    }
    try {
      selector.close();
    } catch (IOException | RuntimeException | Error e) {
      said(System.Logger.Level.WARNING, "The selector of a loop that ends stays", e);
    }
    while (!tasks.isEmpty()) {
      runTasks();
    }
    // What waits for a time that will not come is told at once.
    for (Timer timer; (timer = timers.poll()) != null; ) {
      guarded(timer.task);
    }
    leases.close();
  }
}
