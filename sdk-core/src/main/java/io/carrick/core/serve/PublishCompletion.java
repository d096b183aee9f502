package io.carrick.core.serve;

import io.carrick.core.run.ApplicationExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/** What a publish waits for: it is done when all who hold the ticket have let it go. */
final class PublishCompletion {

  private final AtomicInteger holders = new AtomicInteger(1);
  private final Runnable done;

  PublishCompletion(Runnable done) {
    this.done = done;
  }

  void hold() {
    holders.incrementAndGet();
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      try {
        done.run();
      } catch (Throwable e) {
        // Whoever let it go last has others to serve.
        ApplicationExecutor.failed(e);
      }
    }
  }
}
