package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Bulkhead;
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
  final Map<Object, OrderedQueue> asked = new ConcurrentHashMap<>(0);

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicReference<@Nullable Bulkhead> asking = new AtomicReference<>();

  /** How much of it the authorizer is asked about, where that may block. */
  Bulkhead asking(ApplicationExecutor tasks) {
    Bulkhead known = asking.get();
    if (known != null) {
      return known;
    }
    Bulkhead fresh = new Bulkhead(tasks::tryCheck, Authorizer.MAX_RUNNING, Authorizer.MAX_WAITING);
    Bulkhead other = asking.compareAndExchange(null, fresh);
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
