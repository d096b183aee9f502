package io.carrick.core.session;

import io.carrick.CallCancelledException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.OverloadedException;
import io.carrick.SessionLostException;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Where threads of the application wait while the limits of F2 are reached. Belongs to the serial
 * section, which a thread leaves while it waits.
 */
final class OpeningLimit {

  private final Session session;
  private final List<Thread> waiting = new ArrayList<>(0);

  OpeningLimit(Session session) {
    this.session = session;
  }

  /** There may be room now, or never again. */
  void changed() {
    if (!waiting.isEmpty()
        && (!session.isOpen()
            || session.core.out.hasRoomToWait(0)
            || !session.core.unreachable().isEmpty())) {
      waiting.forEach(LockSupport::unpark);
      waiting.clear();
    }
  }

  /** Waits until there is room for an exchange; fails as {@link Exchanges#open} says. */
  void await(Opening opening, ExchangeOwner owner) {
    long most = opening.timeoutNanos() == 0 ? Long.MAX_VALUE : opening.timeoutNanos();
    long began = System.nanoTime();
    while (true) {
      if (!session.isOpen()) {
        throw new SessionLostException(
            Delivered.NO, "the session with " + session.peer().service() + " is closed", null);
      }
      if (!owner.waitForReady() && !session.core.unreachable().isEmpty()) {
        throw new ConnectException(session.core.unreachable(), null);
      }
      if (session.core.out.hasRoomToWait(opening.payload().length)) {
        return;
      }
      String full =
          session.core.out.waitingCalls
              + " calls of "
              + session.core.out.waitingBytes
              + " bytes wait for "
              + session.peer().service();
      if (CarrickThreads.isCarrick()) {
        throw new OverloadedException(
            Delivered.NO, full + ": a handler or continuation never waits for room, retry later");
      }
      long left = most - (System.nanoTime() - began);
      if (left <= 0) {
        throw new DeadlineExceededException(Delivered.NO, full + ", and there was no room in time");
      }
      Thread here = Thread.currentThread();
      waiting.add(here);
      session.section.lock.pause(left);
      waiting.remove(here);
      if (here.isInterrupted()) {
        throw new CallCancelledException(
            Delivered.NO, "interrupted while " + full + " and this call waited for room", null);
      }
    }
  }
}
