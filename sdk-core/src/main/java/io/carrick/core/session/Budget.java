package io.carrick.core.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all buffers of all sessions of a messenger hold together (F15). Above half of it no grant
 * grows; above it the messenger ends its heaviest session.
 */
public final class Budget {

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  /** A budget of so many bytes. */
  public Budget(long limit) {
    this.limit = limit;
  }

  /** Its size in bytes. */
  public long limit() {
    return limit;
  }

  /** What is held now, in bytes. */
  public long used() {
    return used.get();
  }

  void add(long bytes) {
    used.addAndGet(bytes);
  }

  boolean mayGrow() {
    return used.get() < limit / 2;
  }

  boolean exceeded() {
    return used.get() > limit;
  }
}
