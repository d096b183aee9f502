package io.carrick.core;

import io.carrick.Requirements;
import io.carrick.core.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one remote: one for all calls, and others only for needs that the first does not
 * meet; each of them goes over the endpoints that do.
 */
final class Lines {

  /** The most sessions beside the first. */
  static final int MAX_OTHERS = 4;

  private final Line primary;
  private final @Nullable Paths paths;
  private final Function<Requirements, Line> maker;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Requirements, Line> others = new HashMap<>();

  Lines(Line primary, @Nullable Paths paths, Function<Requirements, Line> maker) {
    this.primary = primary;
    this.paths = paths;
    this.maker = maker;
  }

  /** One line that there is no other beside. */
  static Lines of(PeerLine line) {
    return new Lines(line, null, needs -> line);
  }

  Line primary() {
    return primary;
  }

  /** The line to use for these needs. */
  Line meeting(Requirements needs) {
    Requirements hard = hard(needs);
    Paths known = paths;
    if (known == null || hard.equals(Requirements.NONE) || known.allMeet(hard)) {
      return primary;
    }
    Session session = primary.current();
    if (session != null && meets(session, hard)) {
      return primary;
    }
    synchronized (lock) {
      Line other = others.get(hard);
      if (other == null) {
        if (others.size() >= MAX_OTHERS) {
          throw new IllegalStateException(
              "remote has sessions for "
                  + others.keySet()
                  + " beside the first: use at most "
                  + MAX_OTHERS
                  + " different needs, or another remote");
        }
        other = maker.apply(hard);
        others.put(hard, other);
      }
      return other;
    }
  }

  private static boolean meets(Session session, Requirements hard) {
    return !hard.isDurable()
        && !session.path().brokered()
        && session.path().security().compareTo(hard.security()) >= 0;
  }

  /** What may not be left out; latency only ranks. */
  private static Requirements hard(Requirements needs) {
    Requirements hard =
        Requirements.NONE.withSecurity(needs.security()).withDelivery(needs.delivery());
    return needs.isDurable() ? hard.durable() : hard;
  }

  CompletableFuture<Void> close(String reason) {
    List<Line> all = new ArrayList<>();
    all.add(primary);
    synchronized (lock) {
      all.addAll(others.values());
    }
    return CompletableFuture.allOf(
        all.stream().map(l -> l.close(reason)).toArray(CompletableFuture[]::new));
  }
}
