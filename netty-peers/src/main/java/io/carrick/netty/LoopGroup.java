package io.carrick.netty;

import io.carrick.transport.support.SafeLog;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/**
 * Loops that go on whatever is thrown. Those of Netty end by an {@link Error} that nobody caught,
 * for instance one of the log where memory is used up, and leave their connections behind.
 */
final class LoopGroup extends MultiThreadIoEventLoopGroup {

  private static final System.Logger LOG = System.getLogger(LoopGroup.class.getName());

  /** The wait afterwards, so that what is thrown in each turn is no fire. */
  private static final long PAUSE_NANOS = 10_000_000;

  LoopGroup(int loops, ThreadFactory threads) {
    super(loops, threads, NioIoHandler.newFactory());
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... unused) {
    return new Loop(this, executor, factory);
  }

  private static final class Loop extends SingleThreadIoEventLoop {

    Loop(LoopGroup parent, Executor executor, IoHandlerFactory factory) {
      super(parent, executor, factory);
    }

    @Override
    protected void run() {
      boolean over = false;
      while (!over) {
        try {
          over = runToEnd();
        } catch (RuntimeException | Error e) {
          // Even what says that something failed needs memory, at its first time for its text.
        }
      }
    }

    /** False where something was thrown out of it. */
    private boolean runToEnd() {
      try {
        super.run();
        return true;
      } catch (RuntimeException | Error e) {
        SafeLog.log(
            LOG, System.Logger.Level.WARNING, "Something was thrown in a loop; it goes on", e);
        LockSupport.parkNanos(PAUSE_NANOS);
        return false;
      }
    }
  }
}
