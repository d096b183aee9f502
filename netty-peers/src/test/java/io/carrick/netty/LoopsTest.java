package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LoopsTest {

  /** As a heap does that is used up: nothing can be said of what was thrown. */
  private static final class Unlogged extends Handler {

    @Override
    public void publish(LogRecord record) {
      throw new OutOfMemoryError("on purpose, in the log");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void whatIsThrownEndsNoLoop() throws Exception {
    LoopGroup group = new LoopGroup(1, new DefaultThreadFactory("test", true));
    Logger root = Logger.getLogger("");
    Handler handler = new Unlogged();
    root.addHandler(handler);
    try {
      EventLoop loop = group.next();
      for (int i = 0; i < 10; i++) {
        loop.execute(
            () -> {
              throw new OutOfMemoryError("on purpose");
            });
      }
      CountDownLatch after = new CountDownLatch(1);
      loop.execute(after::countDown);

      assertThat(after.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(loop.isShuttingDown()).isFalse();
    } finally {
      root.removeHandler(handler);
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
    assertThat(group.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }
}
