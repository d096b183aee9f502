package io.carrick.core.session;

import io.carrick.PeerLimits;
import io.carrick.StatusCode;
import io.carrick.core.session.auth.Audit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sessions whose peers have no principal, by address (T9, T10). A newcomer always has a place:
 * where there are too many, the one goes with which least is lost. Safe for use by any thread.
 */
final class AnonymousSessions {

  /**
   * What one newcomer ends at most, beside the one in whose place it comes, to relieve the node.
   */
  private static final int MOST_RELIEF = 2;

  private static final int GROUPS_OF_A_NETWORK = 4; // Of 16 bits: /64, as RFC 6177 gives to a site.

  // Guarded by itself.
  private final Map<String, Set<Session>> byHost = new HashMap<>();

  // Guarded by byHost.
  private int count;

  /** Takes one in, and ends others where the limits or the budget ask for it. */
  void enter(Session session, PeerLimits limits, Budget budget) {
    List<Session> others = new ArrayList<>();
    synchronized (byHost) {
      String host = host(session.peer().path().address());
      Set<Session> neighbours = byHost.computeIfAbsent(host, h -> new LinkedHashSet<>());
      if (neighbours.size() >= limits.sessionsPerAddress()) {
        take(least(neighbours), others);
      }
      if (count >= limits.sessionsWithoutPrincipal()) {
        take(least(largest()), others);
      }
      for (int i = 0; i < MOST_RELIEF && !budget.mayGrow(); i++) {
        Session idle = least(largest());
        if (idle == null || !idle.standing().waitsInVain()) {
          break;
        }
        take(idle, others);
      }
      byHost.computeIfAbsent(host, h -> new LinkedHashSet<>()).add(session);
      count++;
    }
    others.forEach(other -> end(other, limits));
  }

  private static void end(Session session, PeerLimits limits) {
    String message =
        "ended for a newcomer: of the sessions without a principal at most "
            + limits.sessionsPerAddress()
            + " of an address, "
            + limits.sessionsWithoutPrincipal()
            + " in all and what half of the buffer budget holds are kept. Raise PeerLimits of the"
            + " service, or show who you are";
    Audit.of(Audit.Event.SESSION_SHED)
        .with("peer", session.peer().service())
        .with("address", session.path().address())
        .with("reason", message)
        .log();
    session.abort(StatusCode.RESOURCE_EXHAUSTED, message);
  }

  /** It has ended. */
  void leave(Session session) {
    synchronized (byHost) {
      forget(session);
    }
  }

  private void take(@Nullable Session session, List<Session> into) {
    if (session != null) {
      forget(session);
      into.add(session);
    }
  }

  private void forget(Session session) {
    String host = host(session.peer().path().address());
    Set<Session> neighbours = byHost.get(host);
    if (neighbours != null && neighbours.remove(session)) {
      count--;
      if (neighbours.isEmpty()) {
        byHost.remove(host);
      }
    }
  }

  private Set<Session> largest() {
    return byHost.values().stream().max(Comparator.comparingInt(Set::size)).orElse(Set.of());
  }

  /** The one with which least is lost; of equal ones the oldest. */
  private static @Nullable Session least(Set<Session> sessions) {
    Session least = null;
    Standing lowest = null;
    for (Session session : sessions) {
      Standing standing = session.standing();
      if (lowest == null || standing.compareTo(lowest) < 0) {
        least = session;
        lowest = standing;
      }
    }
    return least;
  }

  /**
   * How much is lost with a session.
   *
   * @param busy whether a call is open
   * @param attached whether a connection carries it
   * @param usedAt when an exchange was opened last, or it began
   */
  record Standing(boolean busy, boolean attached, long usedAt) implements Comparable<Standing> {

    /** Whether it waits for another connection, and nobody waits for an answer. */
    boolean waitsInVain() {
      return !busy && !attached;
    }

    private int worth() {
      return (busy ? 2 : 0) + (attached ? 1 : 0);
    }

    @Override
    public int compareTo(Standing other) {
      return worth() != other.worth()
          ? Integer.compare(worth(), other.worth())
          : Long.signum(usedAt - other.usedAt);
    }
  }

  /** The host of an address without its port; of IPv6 the network. */
  static String host(String address) {
    int colon = address.lastIndexOf(':');
    boolean port =
        colon > 0
            && colon < address.length() - 1
            && address.chars().skip(colon + 1L).allMatch(c -> c >= '0' && c <= '9');
    if (!port) {
      return address;
    }
    String host = address.substring(0, colon);
    int end = -1;
    for (int group = 0; group < GROUPS_OF_A_NETWORK; group++) {
      end = host.indexOf(':', end + 1);
      if (end < 0) {
        return host;
      }
    }
    return host.substring(0, end);
  }
}
