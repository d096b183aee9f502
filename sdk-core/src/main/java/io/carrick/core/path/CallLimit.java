package io.carrick.core.path;

import io.carrick.CallCancelledException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.OverloadedException;
import io.carrick.core.run.CarrickThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Room for calls that wait (F2): so many, and so many bytes. A thread of the application waits for
 * room, a thread of Carrick does not.
 */
public final class CallLimit {

  private final int maxCalls;
  private final int maxBytes;
  private final Object lock = new Object();

  // Guarded by lock.
  private int calls;
  private long bytes;
  private final List<Thread> waiting = new ArrayList<>(0);

  public CallLimit(int maxCalls, int maxBytes) {
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
  public void take(int size, long nanos, String what) {
    long began = System.nanoTime();
    Thread here = Thread.currentThread();
    long left;
    while ((left = taken(size, nanos - (System.nanoTime() - began), what)) > 0) {
      LockSupport.parkNanos(this, left);
      if (here.isInterrupted()) {
        throw interrupted(here, what);
      }
    }
  }

  /** Takes a place, or notes that this thread waits; 0, or how long it may wait. */
  private long taken(int size, long left, String what) {
    synchronized (lock) {
      waiting.remove(Thread.currentThread());
      if (calls < maxCalls && (calls == 0 || bytes + size <= maxBytes)) {
        calls++;
        bytes += size;
        return 0;
      }
      if (CarrickThreads.isCarrick()) {
        throw new OverloadedException(Delivered.NO, this + what + ": try later");
      }
      if (left <= 0) {
        throw new DeadlineExceededException(
            Delivered.NO, this + what + ", and there was no room in time");
      }
      waiting.add(Thread.currentThread());
      return left;
    }
  }

  private CallCancelledException interrupted(Thread here, String what) {
    synchronized (lock) {
      waiting.remove(here);
    }
    return new CallCancelledException(
        Delivered.NO, "interrupted while " + this + what + ", and this call waited for room", null);
  }

  /** Takes a place for who had one elsewhere, whether there is room or not. */
  void takeOver(int size) {
    synchronized (lock) {
      calls++;
      bytes += size;
    }
  }

  public void give(int size) {
    synchronized (lock) {
      calls--;
      bytes -= size;
      // One large call may need what several small ones give.
      waiting.forEach(LockSupport::unpark);
      waiting.clear();
    }
  }

  @Override
  public String toString() {
    synchronized (lock) {
      return calls + " calls of " + bytes + " bytes";
    }
  }
}
