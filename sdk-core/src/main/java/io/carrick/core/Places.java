package io.carrick.core;

import io.carrick.core.session.CarrickThreads;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Room for calls that wait (F2): so many, and so many bytes. A thread of the application waits for
 * room, a thread of Carrick does not.
 */
final class Places {

  private final int maxCalls;
  private final int maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();

  // Guarded by lock.
  private int calls;
  private long bytes;

  Places(int maxCalls, int maxBytes) {
    this.maxCalls = maxCalls;
    this.maxBytes = maxBytes;
  }

  /** Takes a place; false if there was none in time, or the thread was interrupted. */
  boolean take(int size, long nanos) {
    long left = CarrickThreads.isCarrick() ? 0 : nanos;
    lock.lock();
    try {
      while (calls >= maxCalls || (calls > 0 && bytes + size > maxBytes)) {
        if (left <= 0) {
          return false;
        }
        left = room.awaitNanos(left);
      }
      calls++;
      bytes += size;
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  void give(int size) {
    lock.lock();
    try {
      calls--;
      bytes -= size;
      // One large call may need what several small ones give.
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    lock.lock();
    try {
      return calls + " calls of " + bytes + " bytes";
    } finally {
      lock.unlock();
    }
  }
}
