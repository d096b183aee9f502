package io.carrick.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a response that its peer does not read: when all of it was handed over, some of it has to
 * leave within {@link HttpLimits#UNREAD_SECONDS} each time. One that goes on waits for its reader.
 * On its loop.
 */
final class AnswerPace {

  private final EventExecutor loop;
  private final Runnable unread;
  private int waiting;
  private boolean complete;
  private @Nullable Future<?> timer;

  /**
   * Of a connection or a stream.
   *
   * @param unread runs when nothing leaves any more
   */
  AnswerPace(EventExecutor loop, Runnable unread) {
    this.loop = loop;
    this.unread = unread;
  }

  /** A part of a response is on its way. */
  void writes(Future<?> part, boolean last) {
    complete = last;
    waiting++;
    part.addListener(
        left -> {
          waiting--;
          await();
        });
    await();
  }

  private void await() {
    end();
    if (complete && waiting > 0) {
      timer = loop.schedule(unread, HttpLimits.UNREAD_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** There is nobody to wait for any more. */
  void end() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
