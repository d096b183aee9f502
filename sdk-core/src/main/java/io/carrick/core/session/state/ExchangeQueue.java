package io.carrick.core.session.state;

import io.carrick.core.queue.Fifo;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges in the order in which they came, each once. One that leaves before its turn is kept for
 * a while, so that leaving costs little: of a queue at most half, and {@link #MOST_GONE}, have
 * left. So what ends is forgotten, though nothing of the queue may go on. Serial section only.
 */
final class ExchangeQueue {

  /**
   * Waits for its turn to send; for a grant to be opened; to say CREDIT or CANCEL; for a budget.
   */
  static final int ACTIVE = 1;

  static final int UNOPENED = 2;
  static final int CONTROL = 4;
  static final int REASSEMBLY = 8;

  /** How many that have left a queue keeps in any case. */
  static final int MOST_GONE = 64;

  private final int bit;
  private final Fifo<Exchange> queue = new Fifo<>();
  private int gone;

  /** A queue of this sort; an exchange is in one of each at most. */
  ExchangeQueue(int sort) {
    this.bit = sort;
  }

  private boolean has(Exchange x) {
    return (x.queues & bit) != 0;
  }

  /** Puts it at the end, where it is not in yet. */
  void add(Exchange x) {
    if (!has(x)) {
      queue.add(x);
      x.queues |= bit; // Where there was memory for it.
    }
  }

  /** Puts one back that {@link #poll} gave. */
  void addFirst(Exchange x) {
    queue.addFirst(x);
    x.queues |= bit;
  }

  /** Takes it out, wherever it stands. */
  void remove(Exchange x) {
    if (has(x)) {
      x.queues &= ~bit;
      gone++;
      if (gone > MOST_GONE && gone > queue.size() / 2) {
        queue.removeIf(other -> !has(other));
        gone = 0;
      }
    }
  }

  boolean isEmpty() {
    return peek() == null;
  }

  @Nullable Exchange peek() {
    Exchange x = queue.peek();
    while (x != null && !has(x)) {
      queue.poll();
      gone = Math.max(0, gone - 1);
      x = queue.peek();
    }
    return x;
  }

  @Nullable Exchange poll() {
    Exchange x = peek();
    if (x != null) {
      queue.poll();
      x.queues &= ~bit;
    }
    return x;
  }

  /** How many it keeps, those that have left, too. */
  int kept() {
    return queue.size();
  }
}
