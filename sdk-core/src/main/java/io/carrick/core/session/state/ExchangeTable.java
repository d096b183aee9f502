package io.carrick.core.session.state;

import org.jspecify.annotations.Nullable;

/** Finds exchanges by number: open addressing with linear probing, no boxing. */
final class ExchangeTable {

  private @Nullable Exchange[] slots = new @Nullable Exchange[16];
  private int size;

  @Nullable Exchange get(long id) {
    int mask = slots.length - 1;
    for (int i = hash(id) & mask; ; i = (i + 1) & mask) {
      Exchange x = slots[i];
      if (x == null || x.id == id) {
        return x;
      }
    }
  }

  void put(Exchange exchange) {
    if (size * 2 >= slots.length) {
      @Nullable Exchange[] old = slots;
      slots = new @Nullable Exchange[old.length * 2];
      for (Exchange x : old) {
        if (x != null) {
          insert(x);
        }
      }
    }
    insert(exchange);
    size++;
  }

  private void insert(Exchange exchange) {
    int mask = slots.length - 1;
    int i = hash(exchange.id) & mask;
    while (slots[i] != null) {
      i = (i + 1) & mask;
    }
    slots[i] = exchange;
  }

  void remove(long id) {
    int mask = slots.length - 1;
    int i = hash(id) & mask;
    while (true) {
      Exchange x = slots[i];
      if (x == null) {
        return;
      }
      if (x.id == id) {
        break;
      }
      i = (i + 1) & mask;
    }
    size--;
    slots[i] = null;
    // What was probed past the hole moves up, so that no search ends early.
    for (int j = (i + 1) & mask; ; j = (j + 1) & mask) {
      Exchange x = slots[j];
      if (x == null) {
        return;
      }
      slots[j] = null;
      insert(x);
    }
  }

  private static int hash(long id) {
    long mixed = id * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40);
  }
}
