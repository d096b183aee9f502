package io.carrick.core.path;

import io.carrick.core.path.SessionSource.Waiter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a session, in their order: first those that a session gave back which was put
 * aside, then those that came since. Not safe for use by several threads.
 */
final class WaitingCalls {

  private Set<Waiter> returned = new LinkedHashSet<>();
  private Set<Waiter> waiters = new LinkedHashSet<>();

  /** One that was taken out, and whether it had been given back. */
  record Taken(Waiter waiter, boolean returned) {}

  boolean isEmpty() {
    return waiters.isEmpty() && returned.isEmpty();
  }

  void add(Waiter waiter) {
    waiters.add(waiter);
  }

  /** Those come before all others. */
  void giveBack(List<Waiter> first) {
    returned = before(first, returned);
  }

  boolean remove(Waiter waiter) {
    return waiters.remove(waiter) || returned.remove(waiter);
  }

  /** Takes the first; null where nobody waits. */
  @Nullable Taken poll() {
    boolean back = !returned.isEmpty();
    Set<Waiter> from = back ? returned : waiters;
    if (from.isEmpty()) {
      return null;
    }
    Waiter first = from.iterator().next();
    from.remove(first);
    return new Taken(first, back);
  }

  /** It is in its place again, behind those who were given back meanwhile. */
  void putBack(Taken taken) {
    if (taken.returned()) {
      returned = before(List.of(taken.waiter()), returned);
    } else {
      waiters = before(List.of(taken.waiter()), waiters);
    }
  }

  private static Set<Waiter> before(List<Waiter> first, Set<Waiter> others) {
    Set<Waiter> all = new LinkedHashSet<>(first);
    all.addAll(others);
    return all;
  }

  /** Takes some, in their order. */
  List<Waiter> take(Predicate<Waiter> which) {
    List<Waiter> all = Stream.concat(returned.stream(), waiters.stream()).filter(which).toList();
    all.forEach(this::remove);
    return all;
  }
}
