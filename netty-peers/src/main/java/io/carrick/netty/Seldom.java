package io.carrick.netty;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets a line that peers can cause be written at most once a second. Safe for any thread. */
final class Seldom {

  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - NANOS);
  private final AtomicLong unsaid = new AtomicLong();

  /** How often it happened since it was last told of, with this time; 0 if it is not to be told. */
  long count() {
    unsaid.incrementAndGet();
    long last = lastNanos.get();
    long now = System.nanoTime();
    return now - last >= NANOS && lastNanos.compareAndSet(last, now) ? unsaid.getAndSet(0) : 0;
  }
}
