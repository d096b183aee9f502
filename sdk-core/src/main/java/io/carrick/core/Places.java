package io.carrick.core;

import io.carrick.CallCancelledException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.OverloadedException;
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

  /**
   * Takes a place.
   *
   * @param what they wait for
   * @throws OverloadedException on a thread of Carrick where there is none
   * @throws DeadlineExceededException if there was none in time
   * @throws CallCancelledException if the thread was interrupted; its interrupt flag is set
   */
  void take(int size, long nanos, String what) {
    long left = nanos;
    lock.lock();
    try {
      while (calls >= maxCalls || (calls > 0 && bytes + size > maxBytes)) {
        if (CarrickThreads.isCarrick()) {
          throw new OverloadedException(Delivered.NO, this + what + ": try later");
        }
        if (left <= 0) {
          throw new DeadlineExceededException(
              Delivered.NO, this + what + ", and there was no room in time");
        }
        left = room.awaitNanos(left);
      }
      calls++;
      bytes += size;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallCancelledException(
          Delivered.NO, "interrupted while " + this + what + ", and this call waited for room", e);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a place for who had one elsewhere, whether there is room or not. */
  void takeOver(int size) {
    lock.lock();
    try {
      calls++;
      bytes += size;
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
