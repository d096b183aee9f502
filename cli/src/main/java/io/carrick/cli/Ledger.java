package io.carrick.cli;

import java.util.BitSet;

/** Keeps the account of messages numbered from 1. Safe for use by any thread. */
final class Ledger {

  private final Object lock = new Object();
  private final boolean ordered;
  // All guarded by the lock.
  private final BitSet sent = new BitSet();
  private final BitSet arrived = new BitSet();
  private int last;
  private long received;
  private long duplicated;
  private long reordered;
  private int highest;

  /** Creates an account; {@code ordered} says whether messages must arrive in their order. */
  Ledger(boolean ordered) {
    this.ordered = ordered;
  }

  /** Notes that the next number is sent, and returns it. */
  int send() {
    synchronized (lock) {
      sent.set(++last);
      return last;
    }
  }

  /** Notes that this number is sent, where the order is somebody else's. */
  void send(int number) {
    synchronized (lock) {
      sent.set(number);
    }
  }

  /** Notes that a number arrived; one that was never sent counts as a duplicate. */
  void receive(int number) {
    synchronized (lock) {
      received++;
      if (number < 1 || !sent.get(number) || arrived.get(number)) {
        duplicated++;
        return;
      }
      arrived.set(number);
      if (ordered && number < highest) {
        reordered++;
      }
      highest = Math.max(highest, number);
    }
  }

  /** How many different ones have arrived. */
  int arrived() {
    synchronized (lock) {
      return arrived.cardinality();
    }
  }

  /** The account so far. */
  Tally tally() {
    synchronized (lock) {
      int all = sent.cardinality();
      return new Tally(all, received, all - arrived.cardinality(), duplicated, reordered);
    }
  }
}
