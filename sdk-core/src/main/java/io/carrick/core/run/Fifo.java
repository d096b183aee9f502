package io.carrick.core.run;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A queue that is as it was where there is no memory to grow: {@link java.util.ArrayDeque} takes
 * what is added first, is full then, and looks empty. What waits in it would be lost. Not safe for
 * several threads.
 */
public final class Fifo<E> {

  private static final int FIRST = 16;

  private @Nullable Object[] ring = new @Nullable Object[FIRST]; // Of a power of two.
  private int head;
  private int size;

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  public void add(E element) {
    if (size == ring.length) {
      grow();
    }
    ring[head + size & ring.length - 1] = element;
    size++;
  }

  /** The first one, which stays; null if there is none. */
  @SuppressWarnings("unchecked") // Nothing else is put in.
  public @Nullable E peek() {
    return (E) ring[head];
  }

  /** The first one; null if there is none. */
  @SuppressWarnings("unchecked") // Nothing else is put in.
  public @Nullable E poll() {
    if (size == 0) {
      return null;
    }
    E first = (E) ring[head];
    ring[head] = null;
    head = head + 1 & ring.length - 1;
    size--;
    return first;
  }

  /** Takes this very element out; false if it is not there. */
  @SuppressWarnings("ReferenceEquality") // Another one may be equal.
  public boolean remove(E element) {
    int mask = ring.length - 1;
    int at = 0;
    while (at < size && ring[head + at & mask] != element) {
      at++;
    }
    if (at == size) {
      return false;
    }
    for (; at < size - 1; at++) {
      ring[head + at & mask] = ring[head + at + 1 & mask];
    }
    size--;
    ring[head + size & mask] = null;
    return true;
  }

  private void grow() {
    @Nullable Object[] more = Arrays.copyOfRange(ring, head, head + 2 * size);
    System.arraycopy(ring, 0, more, size - head, head);
    ring = more;
    head = 0;
  }
}
