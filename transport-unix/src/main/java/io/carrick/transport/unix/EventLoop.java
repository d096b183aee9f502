package io.carrick.transport.unix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;

/** One thread that waits for its channels and runs what others ask for. */
final class EventLoop implements Runnable {

  /** What one connection may read before the others get their turn. */
  static final int READ_BYTES = 256 * 1024;

  /** What others asked for that is done before channels get their turn. */
  private static final int TASKS = 1024;

  private static final System.Logger LOG = System.getLogger(EventLoop.class.getName());

  /** What is attached to the key of a channel. */
  interface Ready {

    /** The channel is ready for one or more of the operations that it waits for. */
    void ready(int operations);
  }

  private record Timer(long atNanos, Runnable task) implements Comparable<Timer> {

    @Override
    public int compareTo(Timer other) {
      return Long.signum(atNanos - other.atNanos);
    }
  }

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean(true);
  private final Object wakeLock = new Object();
  private final Leases leases = new Leases();
  private volatile boolean ended; // Guarded by wakeLock when it is set.

  // Touched only on the thread.
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BYTES);
  private final ByteBuffer view = input.duplicate();
  private boolean stopping;

  EventLoop(String threadName) throws IOException {
    selector = Selector.open();
    thread = new Thread(this, threadName);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Runs a task on the thread; on one of the JDK's where the loop has ended. */
  void execute(Runnable task) {
    tasks.add(task);
    if (ended) {
      if (tasks.remove(task)) {
        ForkJoinPool.commonPool().execute(task);
      }
    } else if (!onThread()) {
      wake();
    }
  }

  /** Runs a task later; called on the thread. */
  void schedule(Duration delay, Runnable task) {
    timers.add(new Timer(System.nanoTime() + delay.toNanos(), task));
  }

  /** Waits for a channel; called on the thread. */
  SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException {
    return channel.register(selector, operations, ready);
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
  Leases leases() {
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
        select();
        runTasks();
        runTimers();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "The loop " + thread.getName() + " cannot select", e);
      throw new UncheckedIOException(e);
    } finally {
      end();
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
      try {
        ((Ready) key.attachment()).ready(key.readyOps());
      } catch (RuntimeException | Error e) {
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

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  private static void failed(Throwable e) {
    // A loop that ends would strand all its connections.
    LOG.log(System.Logger.Level.ERROR, "A task of a loop failed", e);
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
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The selector of " + thread.getName() + " stays", e);
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
