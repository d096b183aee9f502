package io.carrick.core.path;

import io.carrick.EndpointException;
import io.carrick.PathEvent.What;
import io.carrick.Requirements;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the path of one session that this node dialled: another one when it breaks or is
 * suspect, a better one when there is one, the one that the application wants. Safe for use by any
 * thread.
 */
final class PathMigrator implements PathWatcher {

  /** How often paths are looked at: 1 s, the first time after 100 ms. */
  private static final long LOOK_NANOS = 1_000_000_000L;

  private static final long FIRST_LOOK_NANOS = 100_000_000L;

  /** How often a session whose peer drains is looked at: 10 ms. */
  private static final long LEAVE_LOOK_NANOS = 10_000_000L;

  /** How long a move may take that the peer asked for: 60 s. */
  private static final Duration ASKED = Duration.ofSeconds(60);

  private final MessengerContext node;
  private final EndpointTable table;
  private final AdvertisedPolicy policy;
  private final PathEvents events;
  private final PathDialer dialer;
  private final Session session;
  private final MoveTargets targets;
  private final MoveAttempts attempts;
  private final PathProbes probes;
  private final AtomicBoolean peerAsked = new AtomicBoolean();

  PathMigrator(
      MessengerContext node,
      EndpointTable table,
      Requirements needs,
      LatencyTargets latency,
      AdvertisedPolicy policy,
      PathEvents events,
      Session session,
      Endpoint present,
      Consumer<String> another) {
    this.node = node;
    this.table = table;
    this.policy = policy;
    this.events = events;
    this.session = session;
    this.dialer = new PathDialer(node, policy, session, events);
    this.targets = new MoveTargets(table, needs, dialer, session);
    this.attempts =
        new MoveAttempts(node, table, targets, latency, events, dialer, session, present, another);
    this.probes = attempts.probes();
  }

  void begin() {
    advertised(session, session.advertised());
    node.delays().every(FIRST_LOOK_NANOS, LOOK_NANOS, this::look);
    if (!session.isAttached()) {
      suspended(session, "it broke at once");
    }
  }

  /** Where a session can be moved now. */
  MoveTargets targets() {
    return targets;
  }

  Endpoint present() {
    return attempts.present();
  }

  /** How long no connection has carried the session; 0 if one does. */
  long brokenNanos() {
    return attempts.brokenNanos();
  }

  @Override
  public void suspended(Session of, String reason) {
    Endpoint from = attempts.broke();
    table.broke(from);
    events.add(What.SUSPENDED, from.toString(), "", reason);
    attempts.act();
  }

  @Override
  public void suspect(Session of, String reason) {
    attempts.suspected();
    events.add(What.SUSPECT, attempts.present().toString(), "", reason);
    attempts.act();
  }

  @Override
  public void advertised(Session of, List<String> endpoints) {
    Map<Endpoint, Capabilities> admitted = new LinkedHashMap<>();
    for (Endpoint endpoint : policy.admissible(endpoints)) {
      try {
        admitted.put(endpoint, node.transports().capabilities(endpoint));
        events.add(What.ADVERTISED, "", endpoint.toString(), "the service listens there");
      } catch (EndpointException e) {
        events.add(What.REFUSED, "", endpoint.toString(), String.valueOf(e.getMessage()));
      }
    }
    dialer.advertised(admitted);
  }

  @Override
  public void moveAsked(Session of) {
    if (peerAsked.getAndSet(true)) {
      return; // It is told once what was not done yet, however often it asks.
    }
    events.add(
        What.ASKED, attempts.present().toString(), "", "the peer asked to be reached elsewhere");
    var unused = move(null, ASKED).whenComplete((done, failure) -> peerAsked.set(false));
  }

  @Override
  public void draining(Session of) {
    events.add(What.DRAINING, attempts.present().toString(), "", "the peer goes away");
    node.delays().every(0, LEAVE_LOOK_NANOS, this::leaveWhenDone);
  }

  /**
   * Ends the session once all its calls have ended, and subscriptions, which the peer ends when
   * they have got what it had for them. The peer does not end the session: it cannot know which
   * calls are on their way to it.
   */
  private boolean leaveWhenDone() {
    if (session.isOver()) {
      return false;
    }
    if (session.openExchanges() == 0) {
      var unused = session.close("the peer goes away");
      return false;
    }
    return true;
  }

  /** Whether it looks after this session. */
  boolean keeps(Session other) {
    return session.equals(other);
  }

  /** Moves to an endpoint, or to the best other one, within a time. */
  CompletableFuture<Void> move(@Nullable Endpoint to, Duration atMost) {
    return attempts.move(to, atMost);
  }

  /**
   * The floor may have risen above what the path gives; until another one does, it is looked for.
   */
  void floorRose() {
    if (session.isBelowFloor()) {
      attempts.act();
    }
  }

  /** False once the session is over. */
  private boolean look() {
    if (session.isOver()) {
      attempts.end(null);
      return false;
    }
    if (attempts.isAside() && session.openExchanges() == 0) {
      var unused = session.close("its calls have ended, and others go over another session");
    } else if (!session.isAttached()) {
      attempts.act(); // An attempt is under way, unless something was thrown out of the one before.
    } else if (session.isBelowFloor()) {
      if (attempts.mayLift()) {
        attempts.act();
      }
    } else if (session.isOpen()) {
      probes.look();
    }
    return true;
  }

  /** Measures the other paths, so that who asks again is told. */
  void measureOthers() {
    if (session.isAttached() && session.isOpen()) {
      probes.measureOthers();
    }
  }
}
