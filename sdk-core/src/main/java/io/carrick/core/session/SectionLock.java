package io.carrick.core.session;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of a serial section. It is taken in the end, however little memory there is: before JDK
 * 21 a lock that others hold takes some.
 */
final class SectionLock extends ReentrantLock {

  private static final long serialVersionUID = 1;
  private static final long AGAIN_NANOS = 100_000L;

  @Override
  public void lock() {
    while (true) {
      try {
        super.lock();
        return;
      } catch (OutOfMemoryError e) {
        LockSupport.parkNanos(AGAIN_NANOS);
      }
    }
  }

  /** Leaves the section until this thread is unparked, or so long, and takes it again. */
  void pause(long nanos) {
    unlock();
    try {
      LockSupport.parkNanos(this, nanos);
    } finally {
      lock();
    }
  }
}
