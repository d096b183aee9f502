package io.carrick.core.session;

import io.carrick.Principal;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who stands at the door of a messenger, and how many sessions of which principal are inside (T9,
 * T10); {@link AnonymousSessions} has those without one. Safe for use by any thread.
 */
final class Admission {

  /** In the order in which they came. */
  private final Set<AcceptHandshake> waiting = new LinkedHashSet<>(); // By itself.

  private final Map<Principal, Integer> inside = new HashMap<>(); // By itself.

  /** Somebody has come, and is forgotten with the result; the oldest goes if that is too many. */
  void arrived(AcceptHandshake greeting, CompletableFuture<?> result, int most) {
    AcceptHandshake oldest = null;
    synchronized (waiting) {
      waiting.add(greeting);
      if (waiting.size() > most) {
        Iterator<AcceptHandshake> first = waiting.iterator();
        oldest = first.next();
        first.remove();
      }
    }
    result.whenComplete(
        (done, failure) -> {
          synchronized (waiting) {
            waiting.remove(greeting);
          }
        });
    if (oldest != null) {
      oldest.shed(most);
    }
  }

  /** Takes the place of one more session; false if the principal has as many as it may. */
  boolean enter(Principal principal, int most) {
    if (principal.equals(Principal.NONE)) {
      return true;
    }
    synchronized (inside) {
      int count = inside.getOrDefault(principal, 0);
      if (count >= most) {
        return false;
      }
      inside.put(principal, count + 1);
      return true;
    }
  }

  /** Gives the place back. */
  void leave(Principal principal) {
    synchronized (inside) {
      inside.computeIfPresent(principal, (who, count) -> lessOne(count));
    }
  }

  private static @Nullable Integer lessOne(int count) {
    return count == 1 ? null : count - 1;
  }
}
