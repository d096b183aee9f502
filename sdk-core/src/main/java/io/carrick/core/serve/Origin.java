package io.carrick.core.serve;

import io.carrick.core.run.Gate;
import io.carrick.core.run.Tasks;

import io.carrick.Authorizer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where sends and publishes come from: a session, this node, or the native edges. Those of one
 * origin are handled in order.
 */
public final class Origin {

  /** The most publishes of one origin that wait for subscriptions with BLOCK (F8). */
  static final int MAX_WAITING_PUBLISHES = 64;

  /** What of it the authorizer is asked about one after another, by what keeps its order. */
  final Map<Object, Lane> asked = new ConcurrentHashMap<>(0);

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicReference<@Nullable Gate> asking = new AtomicReference<>();

  /** How much of it the authorizer is asked about, where that may block. */
  Gate asking(Tasks tasks) {
    Gate known = asking.get();
    if (known != null) {
      return known;
    }
    Gate fresh = new Gate(tasks::tryCheck, Authorizer.MAX_RUNNING, Authorizer.MAX_WAITING);
    Gate other = asking.compareAndExchange(null, fresh);
    return other == null ? fresh : other;
  }

  boolean mayWait() {
    return waiting.get() < MAX_WAITING_PUBLISHES;
  }

  void waits() {
    waiting.incrementAndGet();
  }

  void goesOn() {
    waiting.decrementAndGet();
  }
}
