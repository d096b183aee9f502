package io.carrick.cli;

import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One round trip to a service, whatever it serves: a request on {@code carrick/ping}. A service
 * that has no such handler says so, and that is an answer, too; one that lets this caller in
 * nowhere refuses, which is another.
 */
final class Probe {

  static final String TOPIC = "carrick/ping";

  private Probe() {}

  /** Makes it; returns how many nanoseconds it took. */
  static long roundTripNanos(Caller caller) throws Exception {
    long start = System.nanoTime();
    try {
      caller.await(caller.remote().request(TOPIC, Message.empty(), Message.class));
    } catch (CallException e) {
      if (e.code() != StatusCode.UNIMPLEMENTED && e.code() != StatusCode.PERMISSION_DENIED) {
        throw e;
      }
    }
    return System.nanoTime() - start;
  }

  /** Waits so long; an interrupt ends it. */
  static void pause(Duration time) throws InterruptedException {
    // Nobody counts it down: only the time ends this, or an interrupt.
    var unused = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
  }
}
