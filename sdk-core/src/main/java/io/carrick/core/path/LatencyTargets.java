package io.carrick.core.path;

import io.carrick.Requirements;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The latency targets of the views that share a session: the strictest of those that were used in
 * the last minute judges its path. Safe for use by any thread.
 */
final class LatencyTargets {

  /** How long a target counts after a call was made with it: 60 s. */
  static final long COUNTS_NANOS = 60_000_000_000L;

  /** The most targets that are known at a time; the one not used for longest is forgotten. */
  static final int MOST = 16;

  private final LongSupplier clock;
  private final Map<Duration, AtomicLong> usedAt = new ConcurrentHashMap<>();

  LatencyTargets(LongSupplier clock) {
    this.clock = clock;
  }

  /** A call is made with these needs. */
  void used(Requirements needs) {
    Optional<Duration> target = needs.maxLatency();
    if (target.isEmpty()) {
      return;
    }
    long now = clock.getAsLong();
    AtomicLong known = usedAt.get(target.get());
    if (known == null) {
      add(target.get(), now);
    } else {
      known.set(now);
    }
  }

  private synchronized void add(Duration target, long now) {
    if (usedAt.size() >= MOST) {
      usedAt.entrySet().stream()
          .max(Comparator.comparingLong(e -> now - e.getValue().get()))
          .ifPresent(longest -> usedAt.remove(longest.getKey()));
    }
    usedAt.put(target, new AtomicLong(now));
  }

  /** The needs with the strictest target that counts now; with none where none does. */
  Requirements strictest(Requirements needs) {
    long now = clock.getAsLong();
    return usedAt.entrySet().stream()
        .filter(e -> now - e.getValue().get() <= COUNTS_NANOS)
        .map(Map.Entry::getKey)
        .min(Comparator.naturalOrder())
        .map(needs::maxLatency)
        .orElse(needs);
  }
}
