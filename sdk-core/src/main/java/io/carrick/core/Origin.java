package io.carrick.core;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where sends and publishes come from: a session, this node, or the native edges. Those of one
 * origin are handled in order.
 */
final class Origin {

  /** The most publishes of one origin that wait for subscriptions with BLOCK (F8). */
  static final int MAX_WAITING_PUBLISHES = 64;

  private final AtomicInteger waiting = new AtomicInteger();

  boolean mayWait() {
    return waiting.get() < MAX_WAITING_PUBLISHES;
  }

  void waits() {
    waiting.incrementAndGet();
  }

  void goesOn() {
    waiting.decrementAndGet();
  }
}
