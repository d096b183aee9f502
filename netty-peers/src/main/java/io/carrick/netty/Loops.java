package io.carrick.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The event loops of one transport, for its clients and its servers. Safe for any thread. */
public final class Loops {

  private static final System.Logger LOG = System.getLogger(Loops.class.getName());
  private static final int MAX_LOOPS = 4;
  private static final Duration END_WAIT = Duration.ofSeconds(2);

  private final EventLoopGroup group;
  private final Names names;

  /**
   * Starts loops: half as many as there are processors, 1 to {@value #MAX_LOOPS}.
   *
   * @param threads what the names of their threads begin with
   */
  public Loops(String threads) {
    this(threads, InetAddress::getAllByName);
  }

  /** Loops that look names up in this way. */
  public Loops(String threads, Names.Lookup lookup) {
    int processors = Runtime.getRuntime().availableProcessors();
    int loops = Math.min(MAX_LOOPS, Math.max(1, processors / 2));
    group = new LoopGroup(loops, new DefaultThreadFactory(threads, true));
    names = new Names(threads + "-dns", lookup);
  }

  /** Looks names up beside the loops. */
  public Names names() {
    return names;
  }

  /** The loops for Netty. */
  public EventLoopGroup group() {
    return group;
  }

  /** Whether the caller is on one of them. */
  public boolean onThread() {
    for (EventExecutor loop : group) {
      if (loop.inEventLoop()) {
        return true;
      }
    }
    return false;
  }

  /** Ends the loops, and waits for that, 2 s at most. */
  public void close() throws InterruptedException {
    names.close();
    group.shutdownGracefully(0, END_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    if (!group.awaitTermination(END_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.log(System.Logger.Level.WARNING, "The loops did not end within " + END_WAIT);
    }
  }

  /** A loop as connections use it. */
  public static Executor executor(EventLoop loop) {
    return task -> execute(loop, task);
  }

  /** Runs a task on a loop when the others there had their turn. */
  public static void afterOthers(EventLoop loop, Runnable task) {
    // Else all that was read is handed over before another connection gets its turn.
    loop.execute(() -> ((SingleThreadEventLoop) loop).executeAfterEventLoopIteration(task));
  }

  /** Runs a task on a loop; on a thread of the JDK where the loop has ended. */
  public static void execute(EventLoop loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "A loop has ended, its task runs elsewhere", e);
      ForkJoinPool.commonPool().execute(task);
    }
  }

  /**
   * Runs a task on a loop later; at once and elsewhere where the loop has ended. The result may be
   * cancelled.
   */
  public static Future<?> later(EventLoop loop, Duration delay, Runnable task) {
    try {
      return loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "A loop has ended, its task runs elsewhere", e);
      return ForkJoinPool.commonPool().submit(task);
    }
  }
}
