package io.carrick.core.serve;

import io.carrick.core.run.Tasks;

import java.util.concurrent.atomic.AtomicInteger;

/** What a publish waits for: it is done when all who hold the ticket have let it go. */
final class Ticket {

  private final AtomicInteger holders = new AtomicInteger(1);
  private final Runnable done;

  Ticket(Runnable done) {
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
        Tasks.failed(e);
      }
    }
  }
}
