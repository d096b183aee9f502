package io.carrick.core.flow;

import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Unfinished;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Serializes what many may signal: one of them at a time works until nobody has signalled since.
 * Runs as a task, or is run by who raised it. A pass that throws ends what it belongs to, and the
 * next ones go on; where there is no memory even for that, it is tried again.
 */
public final class Signals implements Unfinished {

  /** What the signals are for. */
  public interface Owner {

    /** Looks at everything that may have changed; one thread at a time. */
    void pass();

    /** A pass threw this: ends what it belongs to. */
    void failed(Throwable thrown);
  }

  private final Owner owner;
  private final ApplicationExecutor tasks;
  private final AtomicInteger count = new AtomicInteger();
  private @Nullable Unfinished keptBefore;

  public Signals(Owner owner, ApplicationExecutor tasks) {
    this.owner = owner;
    this.tasks = tasks;
  }

  /** Leaves a mark; whether the caller must see to it that this runs. */
  public boolean raise() {
    return count.getAndIncrement() == 0;
  }

  /** Works until no mark is left. */
  @Override
  public void run() {
    int seen = 1;
    do {
      if (pass()) {
        seen = count.addAndGet(-seen);
      } else if (!Contained.awaitsMemory()) {
        tasks.keep(this);
        return;
      }
    } while (seen != 0);
  }

  /** False where there is no memory. */
  private boolean pass() {
    try {
      owner.pass();
    } catch (Throwable thrown) {
      try {
        owner.failed(thrown);
      } catch (OutOfMemoryError unable) {
        return false;
      } catch (Throwable again) {
        ApplicationExecutor.failed(again);
      }
    }
    return true;
  }

  @Override
  public @Nullable Unfinished keptBefore() {
    return keptBefore;
  }

  @Override
  public void keptBefore(@Nullable Unfinished other) {
    keptBefore = other;
  }
}
