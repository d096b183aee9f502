package io.carrick.core.session.auth;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/**
 * How sessions of this node outlive their connections.
 *
 * @param nanos how long a session waits for another connection, R12: 120 s; 0 ends it with its
 *     connection
 * @param spreadNanos over how long the clients of this node come again if it dies; 0 for no matter
 * @param floor the security that this node requires of every connection (R15)
 * @param endpoints where else this node listens, as it tells peers: at most 8
 * @param alias whether a session of the first principal may move to a path of the second
 * @param relies whether this node relies on who the peer is, so that a path which does not show it
 *     is refused; else the peer is nobody from then on
 */
public record Resumption(
    long nanos,
    long spreadNanos,
    SecurityLevel floor,
    Supplier<List<String>> endpoints,
    BiPredicate<Principal, Principal> alias,
    boolean relies) {

  /** T18: a tenth of the clients in a second, each of them twice, and some room. */
  public static final long DEFAULT_SPREAD_NANOS = 36_000_000_000L;

  /** R12: 120 s, no floor, nothing to advertise, no aliases. */
  public static final Resumption DEFAULT =
      new Resumption(
          120_000_000_000L,
          DEFAULT_SPREAD_NANOS,
          SecurityLevel.NONE,
          List::of,
          (session, path) -> false,
          false);

  /** {@link #nanos} for HELLO, where 0 says nothing: rounded up, at least 1 ms. */
  public long toldMillis() {
    return Math.max(1, (nanos + 999_999) / 1_000_000);
  }

  /** The same for a session of this HELLO: no longer than its dialler comes again. */
  public Resumption within(long toldMillis) {
    long told = TimeUnit.MILLISECONDS.toNanos(toldMillis);
    return toldMillis == 0 || told >= nanos
        ? this
        : new Resumption(told, spreadNanos, floor, endpoints, alias, relies);
  }

  /** The same, relying on who the peer is if told so. */
  public Resumption relying(boolean also) {
    return also && !relies
        ? new Resumption(nanos, spreadNanos, floor, endpoints, alias, true)
        : this;
  }
}
