package io.carrick.core;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes signals of many threads a serial pass of one: who signals first works until no signal is
 * left, and everybody else only leaves a mark. Whatever a pass throws, the next one runs.
 */
final class Signals {

  /** What is signalled. */
  interface Owner {

    /** Does what there is to do; never on two threads at a time. */
    void pass();

    /** A pass threw this: ends what it belongs to. */
    void failed(Throwable thrown);
  }

  private final AtomicInteger count = new AtomicInteger();

  /** Leaves a mark; whether the caller must have {@link #run} called. */
  boolean raise() {
    return count.getAndIncrement() == 0;
  }

  /** Works until no mark is left. */
  void run(Owner owner) {
    int seen = 1;
    do {
      try {
        owner.pass();
      } catch (Throwable e) {
        tell(owner, e);
      }
      seen = count.addAndGet(-seen);
    } while (seen != 0);
  }

  private static void tell(Owner owner, Throwable thrown) {
    try {
      owner.failed(thrown);
    } catch (Throwable again) {
      Tasks.failed(again);
    }
  }
}
