package io.carrick.core.queue;

import io.carrick.Emitter;
import io.carrick.FlowIterator;
import io.carrick.Flows;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Queues to which more is added than there is memory for. */
final class FullHeapQueues {

  private static final Integer[] NUMBERS = new Integer[1_000];

  private FullHeapQueues() {}

  /** Exits with 0 if all that was taken is there, in its order. */
  public static void main(String[] args) {
    for (int i = 0; i < NUMBERS.length; i++) {
      NUMBERS[i] = i;
    }
    Fifo<Integer> fifo = new Fifo<>();
    Emitter<Integer> emitter = Emitter.create(NUMBERS.length);
    check(fill(fifo::add, fifo::add), fifo::poll);
    int offered = fill(emitter::offer, emitter::offer);
    emitter.complete();
    try (FlowIterator<Integer> items = Flows.iterate(emitter, 16)) {
      check(offered, () -> items.hasNext() ? items.next() : null);
    }
    System.exit(0);
  }

  private interface Source {
    @Nullable Integer next();
  }

  /** Warms it up with one, and adds the others without memory; how many it took. */
  private static int fill(Consumer<Integer> first, Consumer<Integer> then) {
    first.accept(NUMBERS[0]);
    int taken = 1;
    Object[] last = null;
    for (int length = 1 << 16; length > 0; length /= 4) {
      try {
        while (true) {
          Object[] next = new Object[length];
          next[0] = last;
          last = next;
        }
      } catch (OutOfMemoryError e) {
        // Smaller ones may fit.
      }
    }
    try {
      while (taken < NUMBERS.length) {
        then.accept(NUMBERS[taken]);
        taken++;
      }
    } catch (OutOfMemoryError e) {
      last = null; // It was not taken.
    }
    return taken;
  }

  private static void check(int taken, Source source) {
    System.out.println("taken: " + taken);
    for (int i = 0; i < taken; i++) {
      Integer next = source.next();
      if (next == null || next != i) {
        System.out.println(next + " came, and not " + i);
        System.exit(1);
      }
    }
    if (taken == NUMBERS.length || source.next() != null) {
      System.out.println("it took all, or gave more than it took");
      System.exit(2);
    }
  }
}
