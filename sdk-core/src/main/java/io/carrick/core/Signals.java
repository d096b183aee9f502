package io.carrick.core;

import io.carrick.core.session.Contained;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Serializes what many may signal: one of them at a time works until nobody has signalled since.
 * Runs as a task, or is run by who raised it. A pass that throws ends what it belongs to, and the
 * next ones go on; where there is no memory even for that, it is tried again.
 */
final class Signals implements Runnable {

  /** What the signals are for. */
  interface Owner {

    /** Looks at everything that may have changed; one thread at a time. */
    void pass();

    /** A pass threw this: ends what it belongs to. */
    void failed(Throwable thrown);
  }

  private final Owner owner;
  private final AtomicInteger count = new AtomicInteger();

  Signals(Owner owner) {
    this.owner = owner;
  }

  /** Leaves a mark; whether the caller must see to it that this runs. */
  boolean raise() {
    return count.getAndIncrement() == 0;
  }

  /**
   * Works until no mark is left.
   *
   * @throws OutOfMemoryError if there is no memory, and this thread must not wait for some; no mark
   *     is left then
   */
  @Override
  public void run() {
    int seen = 1;
    do {
      OutOfMemoryError unable = pass();
      if (unable == null) {
        seen = count.addAndGet(-seen);
      } else if (!Contained.awaitsMemory()) {
        count.set(0);
        throw unable;
      }
    } while (seen != 0);
  }

  private @Nullable OutOfMemoryError pass() {
    try {
      owner.pass();
    } catch (Throwable thrown) {
      try {
        owner.failed(thrown);
      } catch (OutOfMemoryError unable) {
        return unable;
      } catch (Throwable again) {
        Tasks.failed(again);
      }
    }
    return null;
  }
}
