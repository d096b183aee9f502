package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.PathEvent.What;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Dials other paths for one session, as far as the policy for advertised endpoints admits them.
 * Safe for use by any thread.
 */
final class PathDialer {

  private final MessengerContext node;
  private final AdvertisedPolicy policy;
  private final Session session;
  private final PathEvents events;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Set<Endpoint> led = new HashSet<>();
  private final Map<Endpoint, String> refused = new HashMap<>();
  private Map<Endpoint, Capabilities> advertised = Map.of();

  PathDialer(MessengerContext node, AdvertisedPolicy policy, Session session, PathEvents events) {
    this.node = node;
    this.policy = policy;
    this.session = session;
    this.events = events;
  }

  /**
   * A connection that may carry the session.
   *
   * @param ownEndpoint whether it leads to the session's instance and no other
   */
  record Found(Connection connection, boolean ownEndpoint) {}

  /** What the session's instance says of itself takes the place of what it said before. */
  void advertised(Map<Endpoint, Capabilities> endpoints) {
    synchronized (lock) {
      advertised = Map.copyOf(endpoints);
      refused.keySet().retainAll(endpoints.keySet());
    }
    // What the system must be asked for is asked elsewhere.
    node.tasks().execute(() -> endpoints.keySet().forEach(this::check));
  }

  Map<Endpoint, Capabilities> advertised() {
    synchronized (lock) {
      return advertised;
    }
  }

  /** Those of them that were not permitted when they were last looked at, and why. */
  Map<Endpoint, String> refused() {
    synchronized (lock) {
      return Map.copyOf(refused);
    }
  }

  /** The endpoint has led to the session's instance. */
  void led(Endpoint endpoint) {
    synchronized (lock) {
      led.add(endpoint);
    }
  }

  private AdvertisedPolicy.Verdict check(Endpoint target) {
    AdvertisedPolicy.Verdict verdict =
        policy.check(
            target, new AdvertisedPolicy.Source(session.sameHost(), session.path().address()));
    String before;
    synchronized (lock) {
      before =
          verdict.dial() == null ? refused.put(target, verdict.reason()) : refused.remove(target);
    }
    if (verdict.dial() == null && !verdict.reason().equals(before)) {
      events.add(What.REFUSED, "", target.toString(), verdict.reason());
    }
    return verdict;
  }

  /** Dials a target. */
  CompletableFuture<Found> connect(Endpoint target) {
    Endpoint dial = target;
    boolean hint = advertised().containsKey(target);
    if (hint) {
      AdvertisedPolicy.Verdict verdict = check(target);
      Endpoint checked = verdict.dial();
      if (checked == null) {
        return CompletableFuture.failedFuture(new ConnectException(verdict.reason(), null));
      }
      dial = checked;
    }
    boolean ownEndpoint = isOwn(target);
    Endpoint at = dial;
    return SessionDialer.connect(node, at)
        .toCompletableFuture()
        .thenCompose(connection -> admitted(connection, at, hint))
        .thenApply(connection -> new Found(connection, ownEndpoint));
  }

  /**
   * Whether another instance that answers there shows that ours is gone: a socket that led to ours
   * before, while no path does now. One that is only advertised may be another service's in this
   * container, and harms nothing.
   */
  private boolean isOwn(Endpoint target) {
    boolean known;
    synchronized (lock) {
      known = led.contains(target);
    }
    return known && !session.isAttached() && node.transports().capabilities(target).sameHostOnly();
  }

  private CompletableFuture<Connection> admitted(Connection connection, Endpoint at, boolean hint) {
    if (hint && !policy.accepts(at, connection.peer())) {
      connection.close(CloseReason.local("not served by the allowed user"));
      return CompletableFuture.failedFuture(
          new ConnectException(at + " is served by " + connection.peer().principal(), null));
    }
    return CompletableFuture.completedFuture(connection);
  }
}
