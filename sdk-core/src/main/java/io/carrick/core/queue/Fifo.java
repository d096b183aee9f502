package io.carrick.core.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue that is as it was where there is no memory to grow: {@link java.util.ArrayDeque} takes
 * what is added first, is full then, and looks empty. What waits in it would be lost. Not safe for
 * several threads.
 */
public final class Fifo<E> {

  private static final int FIRST = 16;

  private @Nullable Object[] ring; // Of a power of two.
  private int head;
  private int size;

  public Fifo() {
    this(FIRST);
  }

  /**
   * One of which no more is expected than this many.
   *
   * @param first a power of two
   */
  public Fifo(int first) {
    ring = new @Nullable Object[first];
  }

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

  /** Adds one that is polled next. */
  public void addFirst(E element) {
    if (size == ring.length) {
      grow();
    }
    head = head - 1 & ring.length - 1;
    ring[head] = element;
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

  /**
   * The first one.
   *
   * @throws NoSuchElementException if there is none
   */
  public E remove() {
    E first = poll();
    if (first == null) {
      throw new NoSuchElementException();
    }
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

  /** Takes out all that are like this, and keeps the order of the others. */
  public void removeIf(Predicate<? super E> like) {
    int mask = ring.length - 1;
    int all = size;
    int kept = 0;
    for (int at = 0; at < all; at++) {
      E element = at(at);
      if (!like.test(element)) {
        ring[head + kept++ & mask] = element;
      }
    }
    for (int at = kept; at < all; at++) {
      ring[head + at & mask] = null;
    }
    size = kept;
  }

  public void clear() {
    Arrays.fill(ring, null);
    head = 0;
    size = 0;
  }

  /** What is in it now, the first one first. */
  public List<E> toList() {
    List<E> all = new ArrayList<>(size);
    for (int at = 0; at < size; at++) {
      all.add(at(at));
    }
    return all;
  }

  @SuppressWarnings("unchecked") // Nothing else is put in.
  private E at(int place) {
    return (E) ring[head + place & ring.length - 1];
  }

  private void grow() {
    @Nullable Object[] more = Arrays.copyOfRange(ring, head, head + 2 * size);
    System.arraycopy(ring, 0, more, size - head, head);
    ring = more;
    head = 0;
  }
}
