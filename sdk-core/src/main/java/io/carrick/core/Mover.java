package io.carrick.core;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.PathEvent.What;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.select.Choice;
import io.carrick.core.session.Contained;
import io.carrick.core.session.ResumeException;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the path of one session that this node dialled: another one when it breaks or is
 * suspect, a better one when there is one, the one that the application wants. One attempt at a
 * time. Safe for use by any thread.
 */
final class Mover implements PathWatcher {

  /** How often paths are looked at: 1 s, the first time after 100 ms. */
  private static final long LOOK_NANOS = 1_000_000_000L;

  private static final long FIRST_LOOK_NANOS = 100_000_000L;

  /** How often a session whose peer drains is looked at: 10 ms. */
  private static final long LEAVE_LOOK_NANOS = 10_000_000L;

  private final Node node;
  private final Paths paths;
  private final Requirements needs;
  private final AdvertisedPolicy policy;
  private final Session session;
  private final Trials trials;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Set<Endpoint> led = new HashSet<>();
  private final List<Wish> wishes = new ArrayList<>();
  private final Backoff backoff;
  private Endpoint present;
  private boolean busy;
  private boolean suspect;
  private boolean peerAsked;
  private long brokeAt = System.nanoTime();

  /** When a path that gives the floor is looked for again. */
  private long liftAt = brokeAt;

  /** What the application asked for; any other path where the endpoint is null. */
  private record Wish(@Nullable Endpoint to, CompletableFuture<Void> done) {}

  Mover(
      Node node,
      Paths paths,
      Requirements needs,
      LatencyTargets targets,
      AdvertisedPolicy policy,
      Session session,
      Endpoint present) {
    this.node = node;
    this.paths = paths;
    this.needs = needs;
    this.policy = policy;
    this.session = session;
    this.present = present;
    this.trials = new Trials(node, paths, targets, session, this);
    this.backoff = new Backoff(node.random());
    led.add(present);
  }

  void begin() {
    advertised(session, session.advertised());
    node.delays().after(FIRST_LOOK_NANOS, this::look);
    if (!session.isAttached()) {
      suspended(session, "it broke at once");
    }
  }

  /** What another path must give now: what the line needs, the floor, and what open calls need. */
  Requirements wanted() {
    return needs.and(Requirements.security(session.required()));
  }

  Endpoint present() {
    synchronized (lock) {
      return present;
    }
  }

  @Override
  public void suspended(Session of, String reason) {
    Endpoint broken;
    synchronized (lock) {
      brokeAt = System.nanoTime();
      broken = present;
    }
    paths.broke(broken);
    paths.events.add(What.SUSPENDED, broken.toString(), "", reason);
    act();
  }

  @Override
  public void suspect(Session of, String reason) {
    synchronized (lock) {
      suspect = true;
    }
    paths.events.add(What.SUSPECT, present().toString(), "", reason);
    act();
  }

  @Override
  public void advertised(Session of, List<String> endpoints) {
    Map<Endpoint, Capabilities> admitted = new LinkedHashMap<>();
    for (Endpoint endpoint : policy.admissible(endpoints)) {
      try {
        admitted.put(endpoint, node.transports().capabilities(endpoint));
        paths.events.add(What.ADVERTISED, "", endpoint.toString(), "the service listens there");
      } catch (EndpointException e) {
        paths.events.add(What.REFUSED, "", endpoint.toString(), String.valueOf(e.getMessage()));
      }
    }
    paths.advertised(admitted);
  }

  @Override
  public void moveAsked(Session of) {
    boolean asked;
    synchronized (lock) {
      asked = peerAsked;
      peerAsked = true;
    }
    if (asked) {
      return; // It is told once what was not done yet, however often it asks.
    }
    paths.events.add(
        What.ASKED, present().toString(), "", "the peer asked to be reached elsewhere");
    var unused =
        move(null)
            .whenComplete(
                (done, failure) -> {
                  synchronized (lock) {
                    peerAsked = false;
                  }
                });
  }

  @Override
  public void draining(Session of) {
    paths.events.add(What.DRAINING, present().toString(), "", "the peer goes away");
    node.delays().after(0, this::leaveWhenDone);
  }

  /**
   * Ends the session once all its calls have ended, and subscriptions, which the peer ends when
   * they have got what it had for them. The peer does not end the session: it cannot know which
   * calls are on their way to it.
   */
  private void leaveWhenDone() {
    if (session.isOver()) {
      return;
    }
    if (session.openExchanges() == 0) {
      var unused = session.close("the peer goes away");
    } else {
      node.delays().after(LEAVE_LOOK_NANOS, this::leaveWhenDone);
    }
  }

  /** Whether it looks after this session. */
  boolean keeps(Session other) {
    return session.equals(other);
  }

  /** Moves to an endpoint, or to the best other one. */
  CompletableFuture<Void> move(@Nullable Endpoint to) {
    GuardedFuture<Void> done = new GuardedFuture<>(node.tasks());
    String refused = to == null ? null : refuses(to);
    if (refused != null) {
      done.completeExceptionally(
          new EndpointException(StatusCode.INVALID_ARGUMENT, refused + ": see explain()", null));
      return done;
    }
    synchronized (lock) {
      wishes.add(new Wish(to, done));
    }
    act();
    return done;
  }

  private @Nullable String refuses(Endpoint to) {
    Choice choice = paths.chooseAll(wanted());
    if (choice.ranked().stream().anyMatch(r -> r.candidate().endpoint().equals(to))) {
      return null;
    }
    return choice.rejected().stream()
        .filter(r -> r.candidate().endpoint().equals(to))
        .map(r -> to + " does not do now: " + r.rejection().reason())
        .findFirst()
        .orElse(to + " is no endpoint of this remote");
  }

  /** Begins an attempt if there is reason for one, and none is under way. */
  private void act() {
    synchronized (lock) {
      if (busy) {
        return;
      }
      busy = true;
    }
    step(
        null,
        () -> {
          trials.abort();
          node.tasks().execute(this::next);
        });
  }

  /** A part of an attempt: one that throws ends the attempt, and the next look begins another. */
  private void step(@Nullable Wish wish, Runnable part) {
    try {
      part.run();
    } catch (Throwable t) {
      Contained.log("an attempt to move a session failed", t);
      synchronized (lock) {
        busy = false;
      }
      if (wish != null) {
        fail(wish, "the attempt failed: " + t);
      }
    }
  }

  private void next() {
    Wish wish;
    boolean forced;
    synchronized (lock) {
      wish = wishes.isEmpty() ? null : wishes.remove(0);
      forced = suspect;
    }
    step(wish, () -> begin(wish, forced));
  }

  private void begin(@Nullable Wish wish, boolean forced) {
    if (session.isOver()) {
      end(wish);
    } else if (wish != null && isThere(wish, forced)) {
      there(wish);
    } else if (wish != null) {
      List<Endpoint> targets = wish.to() == null ? others(true) : List.of(wish.to());
      round(targets, "the application asked", wish);
    } else if (!session.isAttached()) {
      round(others(redialIn() > 0), "the path before broke", null);
    } else if (forced) {
      // Where many may find it silent in the same moment, only other endpoints are dialled (T18).
      round(others(session.redialNanos() > 0), "the path before was silent", null);
    } else if (session.isBelowFloor()) {
      round(others(true), "the floor is above what the path gives", null);
    } else {
      synchronized (lock) {
        busy = false;
      }
    }
  }

  /**
   * The floor may have risen above what the path gives; until another one does, it is looked for.
   */
  void floorRose() {
    if (session.isBelowFloor()) {
      act();
    }
  }

  /** Whether a sound connection is there already where the application wants one. */
  private boolean isThere(Wish wish, boolean suspected) {
    return present().equals(wish.to()) && session.isAttached() && !suspected;
  }

  private void there(Wish wish) {
    synchronized (lock) {
      busy = false;
    }
    node.tasks().execute(() -> wish.done().complete(null));
    again();
  }

  /** How long no connection has carried the session; 0 if one does. */
  long brokenNanos() {
    synchronized (lock) {
      return session.isAttached() ? 0 : System.nanoTime() - brokeAt;
    }
  }

  /**
   * How long the endpoint that broke is left alone, in nanoseconds: other clients of its service
   * may have lost it in the same moment (T18).
   */
  private long redialIn() {
    synchronized (lock) {
      return brokeAt + session.redialNanos() - System.nanoTime();
    }
  }

  private void end(@Nullable Wish wish) {
    List<Wish> all;
    synchronized (lock) {
      busy = false;
      all = new ArrayList<>(wishes);
      wishes.clear();
    }
    if (wish != null) {
      all.add(wish);
    }
    all.forEach(w -> fail(w, "the session is over"));
  }

  private void fail(Wish wish, String why) {
    node.tasks()
        .execute(
            () ->
                wish.done().completeExceptionally(new ConnectException("not moved: " + why, null)));
  }

  /** Best first; the present one last or not at all. */
  private List<Endpoint> others(boolean without) {
    Endpoint here = present();
    List<Endpoint> all = new ArrayList<>();
    for (Choice.Ranked ranked : paths.chooseAll(wanted()).ranked()) {
      all.add(ranked.candidate().endpoint());
    }
    if (all.remove(here) && !without) {
      all.add(here);
    }
    return all;
  }

  private void round(List<Endpoint> targets, String why, @Nullable Wish wish) {
    round(targets, 0, why, wish, "");
  }

  private void round(
      List<Endpoint> targets, int index, String why, @Nullable Wish wish, String attempts) {
    if (index == targets.size()) {
      if (wish == null || wish.to() == null) {
        session.attemptsFailed(
            targets.isEmpty() ? "none yet, the service has many clients" : attempts);
      }
      nobody(wish);
      return;
    }
    Endpoint target = targets.get(index);
    attempt(target)
        .whenComplete(
            (v, failure) ->
                step(
                    wish,
                    () -> {
                      if (failure == null) {
                        moved(target, why, wish, false);
                      } else {
                        Throwable cause = Failure.unwrap(failure);
                        failed(target, cause);
                        String tried =
                            (attempts.isEmpty() ? "" : attempts + "; ")
                                + target
                                + ": "
                                + cause.getMessage();
                        Runnable more = () -> round(targets, index + 1, why, wish, tried);
                        node.tasks().execute(() -> step(wish, more));
                      }
                    }));
  }

  void failed(Endpoint target, Throwable failure) {
    String reason = String.valueOf(failure.getMessage());
    if (failure instanceof ResumeException e && e.reason() == ResumeException.Reason.FORBIDDEN) {
      paths.events.add(What.REFUSED, "", target.toString(), reason);
    }
    paths.failed(target, reason, System.nanoTime());
  }

  private CompletableFuture<Void> attempt(Endpoint target) {
    return connect(target)
        .thenCompose(found -> session.resume(found.connection(), found.ownEndpoint()));
  }

  /**
   * A connection that may carry the session.
   *
   * @param ownEndpoint whether it leads to the session's instance and no other
   */
  record Found(Connection connection, boolean ownEndpoint) {}

  /** Dials a target as far as the policy for advertised endpoints admits it. */
  CompletableFuture<Found> connect(Endpoint target) {
    Endpoint dial = target;
    boolean hint = paths.isAdvertised(target);
    if (hint) {
      AdvertisedPolicy.Verdict verdict =
          policy.check(
              target, new AdvertisedPolicy.Source(session.sameHost(), session.path().address()));
      Endpoint checked = verdict.dial();
      if (checked == null) {
        paths.events.add(What.REFUSED, "", target.toString(), verdict.reason());
        return CompletableFuture.failedFuture(new ConnectException(verdict.reason(), null));
      }
      dial = checked;
    }
    boolean ownEndpoint = isOwn(target);
    Endpoint at = dial;
    return Dialer.connect(node, at)
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

  private void moved(Endpoint to, String why, @Nullable Wish wish, boolean forLatency) {
    Endpoint from;
    boolean gone;
    synchronized (lock) {
      from = present;
      gone = suspect;
      present = to;
      suspect = false;
      backoff.reset();
      led.add(to);
      busy = false;
    }
    trials.moved(to, forLatency);
    paths.worked(to);
    boolean resumed = gone || why.endsWith("broke");
    paths.events.add(resumed ? What.RESUMED : What.MOVED, from.toString(), to.toString(), why);
    if (wish != null) {
      node.tasks().execute(() -> wish.done().complete(null));
    }
    again();
  }

  /** What came up meanwhile. */
  private void again() {
    boolean more;
    synchronized (lock) {
      more = !wishes.isEmpty() || suspect;
    }
    if (more || !session.isAttached()) {
      act();
    }
  }

  private void nobody(@Nullable Wish wish) {
    if (wish != null) {
      fail(wish, "no other path could be used, see explain()");
    }
    long wait;
    synchronized (lock) {
      suspect = false;
      long redialIn = brokeAt + session.redialNanos() - System.nanoTime();
      wait = redialIn > 0 ? redialIn : backoff.nextNanos(session.redialNanos() > 0);
      if (session.isAttached() || session.isOver()) {
        busy = false;
        liftAt = System.nanoTime() + wait;
        wait = -1;
      }
    }
    if (wait < 0) {
      again();
    } else {
      long nanos = wait;
      Runnable again = () -> step(null, () -> node.tasks().execute(this::next));
      step(null, () -> node.delays().after(nanos, again));
    }
  }

  private void look() {
    if (session.isOver()) {
      end(null);
      return;
    }
    node.delays().after(LOOK_NANOS, this::look);
    if (!session.isAttached()) {
      act(); // An attempt is under way, unless something was thrown out of the one before.
    } else if (session.isBelowFloor()) {
      if (mayLift()) {
        act();
      }
    } else if (session.isOpen()) {
      trials.look();
    }
  }

  private boolean mayLift() {
    synchronized (lock) {
      return System.nanoTime() - liftAt >= 0;
    }
  }

  // For the trials.

  /** Begins an attempt of the trials' own; false where one is under way. */
  boolean claim() {
    synchronized (lock) {
      boolean free = !busy;
      busy = true;
      return free;
    }
  }

  /** That attempt has failed. */
  void release() {
    synchronized (lock) {
      busy = false;
    }
    again();
  }

  /** That attempt has moved the session. */
  void taken(Endpoint to, String why, boolean forLatency) {
    moved(to, why, null, forLatency);
  }

  /** Measures the other paths, so that who asks again is told. */
  void measureOthers() {
    if (session.isAttached() && session.isOpen()) {
      trials.measureOthers();
    }
  }
}
