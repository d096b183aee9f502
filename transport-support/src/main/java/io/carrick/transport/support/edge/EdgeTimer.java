package io.carrick.transport.support.edge;

import java.time.Duration;

/** Runs what is due later, on the thread for the callbacks of a call. */
@FunctionalInterface
public interface EdgeTimer {

  /** Runs a task once after a time; what it returns cancels that. */
  Runnable later(Duration delay, Runnable task);
}
