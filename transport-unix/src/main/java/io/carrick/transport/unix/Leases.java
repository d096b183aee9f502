package io.carrick.transport.unix;

import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The leases of one loop: at most {@value #MOST}, made when first needed. Thread-safe. */
final class Leases {

  static final int MOST = 4;

  private final Object lock = new Object();

  // Guarded by lock.
  private final ArrayDeque<Lease> idle = new ArrayDeque<>(MOST);
  private int made;
  private boolean closed;

  /** One that nobody uses; null where all are in use. */
  @Nullable Lease take() throws IOException {
    synchronized (lock) {
      Lease lease = idle.poll();
      if (lease != null || closed || made == MOST) {
        return lease;
      }
      lease = new Lease();
      made++;
      return lease;
    }
  }

  /** Takes one back, which has let go of its channel or is closed. */
  void give(Lease lease) {
    boolean keep = false;
    try {
      lease.end();
      keep = true;
    } catch (IOException | RuntimeException | Error e) {
      // It is closed instead.
    }
    synchronized (lock) {
      keep &= !closed;
      if (keep) {
        idle.push(lease);
      } else {
        made--;
      }
    }
    if (!keep) {
      close(lease);
    }
  }

  /** Closes what is idle now, and the others when they come back. */
  void close() {
    synchronized (lock) {
      closed = true;
      idle.forEach(Leases::close);
      idle.clear();
    }
  }

  private static void close(Lease lease) {
    try {
      lease.close();
    } catch (IOException | RuntimeException | Error e) {
      EventLoop.said(System.Logger.Level.WARNING, "A selector for callers stays", e);
    }
  }
}
