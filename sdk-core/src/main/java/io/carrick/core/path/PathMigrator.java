package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.PathEvent.What;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Delays;
import io.carrick.core.run.Failing;
import io.carrick.core.run.GuardedFuture;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.select.Candidate;
import io.carrick.core.select.Choice;
import io.carrick.core.session.ResumeException;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the path of one session that this node dialled: another one when it breaks or is
 * suspect, a better one when there is one, the one that the application wants. One attempt at a
 * time. Safe for use by any thread.
 */
final class PathMigrator implements PathWatcher {

  /** How often paths are looked at: 1 s, the first time after 100 ms. */
  private static final long LOOK_NANOS = 1_000_000_000L;

  private static final long FIRST_LOOK_NANOS = 100_000_000L;

  /** How often a session whose peer drains is looked at: 10 ms. */
  private static final long LEAVE_LOOK_NANOS = 10_000_000L;

  private static final String CANNOT_TAKE = "it cannot take over the session that there is: ";

  /** How long a move may take that the peer asked for: 60 s. */
  private static final Duration ASKED = Duration.ofSeconds(60);

  private final MessengerContext node;
  private final EndpointTable table;
  private final Requirements needs;
  private final AdvertisedPolicy policy;
  private final PathEvents events;
  private final PathDialer dialer;
  private final Session session;
  private final PathProbes probes;

  /** Begins another session for new calls, since this one may not come back: why. */
  private final Consumer<String> another;

  private final Object lock = new Object();

  // Guarded by lock.
  private final List<Wish> wishes = new ArrayList<>();
  private final Backoff backoff;
  private final Knocks knocks;
  private Endpoint present;
  private boolean busy;

  /** Which attempt is under way; one that was taken for lost does not end another. */
  private int attempt;

  private final AttemptWatch watch;
  private @Nullable ResumeRound round;
  private @Nullable Wish granted;
  private boolean broken;
  private boolean suspect;
  private boolean peerAsked;

  /** Whether new calls go over another session, and this one is kept for what it holds. */
  private boolean aside;

  private long brokeAt = System.nanoTime();

  /** When a path that gives the floor is looked for again. */
  private long liftAt = brokeAt;

  /** What the application asked for; any other path where the endpoint is null. */
  private static final class Wish {
    private final @Nullable Endpoint to;
    private final CompletableFuture<Void> done;
    private final Duration atMost;
    private volatile boolean late;

    Wish(@Nullable Endpoint to, CompletableFuture<Void> done, Duration atMost) {
      this.to = to;
      this.done = done;
      this.atMost = atMost;
    }
  }

  PathMigrator(
      MessengerContext node,
      EndpointTable table,
      Requirements needs,
      LatencyTargets targets,
      AdvertisedPolicy policy,
      PathEvents events,
      Session session,
      Endpoint present,
      Consumer<String> another) {
    this.node = node;
    this.table = table;
    this.needs = needs;
    this.policy = policy;
    this.events = events;
    this.session = session;
    this.present = present;
    this.watch = new AttemptWatch(node.delays(), this::attemptGoesOn);
    this.probes = new PathProbes(node, table, targets, session, this);
    this.backoff = new Backoff(node.random());
    this.dialer = new PathDialer(node, policy, session, events);
    this.knocks = new Knocks(node.random());
    this.another = another;
    dialer.led(present);
  }

  void begin() {
    advertised(session, session.advertised());
    node.delays().every(FIRST_LOOK_NANOS, LOOK_NANOS, this::look);
    if (!session.isAttached()) {
      suspended(session, "it broke at once");
    }
  }

  /** What another path must give now: what the line needs, the floor, and what open calls need. */
  Requirements wanted() {
    return needs.and(Requirements.security(session.required()));
  }

  /** What can be said of the endpoints now, those included that were advertised to this session. */
  Choice choose(Requirements needs) {
    return table.chooseAll(needs, dialer.advertised());
  }

  /** Where else the session's instance listens. */
  Map<Endpoint, Capabilities> advertised() {
    return dialer.advertised();
  }

  /** Why some of all endpoints are not dialled, or cannot take the session over. */
  Map<Endpoint, String> refused() {
    Map<Endpoint, String> all = new LinkedHashMap<>(dialer.refused());
    for (Choice.Ranked ranked : choose(needs).ranked()) {
      Candidate candidate = ranked.candidate();
      cannotTake(session, candidate)
          .ifPresent(why -> all.put(candidate.endpoint(), CANNOT_TAKE + why));
    }
    return all;
  }

  Endpoint present() {
    synchronized (lock) {
      return present;
    }
  }

  @Override
  public void suspended(Session of, String reason) {
    Endpoint from;
    synchronized (lock) {
      brokeAt = System.nanoTime();
      broken = true;
      from = present;
    }
    table.broke(from);
    events.add(What.SUSPENDED, from.toString(), "", reason);
    act();
  }

  @Override
  public void suspect(Session of, String reason) {
    synchronized (lock) {
      suspect = true;
    }
    events.add(What.SUSPECT, present().toString(), "", reason);
    act();
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
    boolean asked;
    synchronized (lock) {
      asked = peerAsked;
      peerAsked = true;
    }
    if (asked) {
      return; // It is told once what was not done yet, however often it asks.
    }
    events.add(What.ASKED, present().toString(), "", "the peer asked to be reached elsewhere");
    var unused =
        move(null, ASKED)
            .whenComplete(
                (done, failure) -> {
                  synchronized (lock) {
                    peerAsked = false;
                  }
                });
  }

  @Override
  public void draining(Session of) {
    events.add(What.DRAINING, present().toString(), "", "the peer goes away");
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
    GuardedFuture<Void> done = new GuardedFuture<>(node.tasks());
    MessagingException refused = to == null ? null : refuses(to);
    if (refused != null) {
      done.completeExceptionally(refused);
      return done;
    }
    Wish wish = new Wish(to, done, atMost);
    synchronized (lock) {
      wishes.add(wish);
    }
    Delays.Delay limit =
        node.delays().after(Delays.nanos(atMost), () -> node.tasks().execute(() -> late(wish)));
    done.whenComplete((moved, failure) -> limit.cancel());
    act();
    return done;
  }

  /** Not in time: the attempt is given up, and the session is as it was. */
  private void late(Wish wish) {
    boolean waits;
    ResumeRound under = null;
    synchronized (lock) {
      wish.late = true;
      waits = wishes.remove(wish);
      if (wish == granted) {
        under = round;
      }
    }
    if (under != null) {
      under.cancel();
    }
    if (waits) {
      fail(wish, "another move was under way");
    }
  }

  private @Nullable MessagingException refuses(Endpoint to) {
    Choice choice = choose(wanted());
    if (choice.ranked().stream().anyMatch(r -> r.candidate().endpoint().equals(to))) {
      return null;
    }
    for (Choice.Rejected rejected : choice.rejected()) {
      if (rejected.candidate().endpoint().equals(to)) {
        String why = to + " does not do now: " + rejected.rejection().reason();
        return new ConnectException(StatusCode.FAILED_PRECONDITION, "not moved: " + why, null);
      }
    }
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT, to + " is no endpoint of this remote: see explain()", null);
  }

  /** Begins an attempt if there is reason for one, and none is under way. */
  private void act() {
    if (!claim()) {
      return;
    }
    step(
        null,
        () -> {
          Runnable next = () -> node.tasks().execute(this::next);
          probes.abort().whenComplete((over, failure) -> next.run());
        });
  }

  /** A part of an attempt: one that throws ends the attempt, and the next look begins another. */
  private void step(@Nullable Wish wish, Runnable part) {
    try {
      part.run();
    } catch (Throwable t) {
      synchronized (lock) {
        busy = false;
      }
      Contained.log(Failing.MOVE, t);
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
      List<Endpoint> targets = wish.to == null ? others(true) : List.of(wish.to);
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
    return present().equals(wish.to) && session.isAttached() && !suspected;
  }

  private void there(Wish wish) {
    synchronized (lock) {
      busy = false;
    }
    node.tasks().execute(() -> wish.done.complete(null));
    again();
  }

  /** Why an endpoint of the remote cannot carry its session, as far as is known. */
  static Optional<String> cannotTake(Session session, Candidate candidate) {
    return session.cannotTake(candidate.endpoint().toString(), candidate.capabilities());
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
    // The policy for what is advertised: that helps no more to try again.
    boolean forbidden = wish.to != null && dialer.refused().containsKey(wish.to);
    Supplier<Throwable> failure =
        () ->
            wish.late
                ? new DeadlineExceededException(
                    Delivered.NO, "not moved within " + wish.atMost + ": " + why)
                : forbidden
                    ? new EndpointException(
                        StatusCode.FAILED_PRECONDITION, "not moved: " + why, null)
                    : new ConnectException("not moved: " + why, null);
    node.tasks().execute(() -> wish.done.completeExceptionally(failure.get()));
  }

  /** Best first; the present one last or not at all. */
  private List<Endpoint> others(boolean without) {
    Endpoint here = present();
    List<Endpoint> all = new ArrayList<>();
    for (Choice.Ranked ranked : choose(wanted()).ranked()) {
      all.add(ranked.candidate().endpoint());
    }
    if (all.remove(here) && !without) {
      all.add(here);
    }
    return all;
  }

  private void round(List<Endpoint> targets, String why, @Nullable Wish wish) {
    AtomicBoolean unidentified = new AtomicBoolean();
    int mine = attempt();
    ResumeRound.Outcome outcome =
        new ResumeRound.Outcome() {
          @Override
          public void moved(Endpoint to) {
            step(wish, () -> PathMigrator.this.moved(to, why, wish, false));
          }

          @Override
          public void failed(Endpoint target, Throwable failure) {
            if (reason(failure) == ResumeException.Reason.UNIDENTIFIED) {
              unidentified.set(true);
            }
            PathMigrator.this.failed(target, failure);
          }

          @Override
          public void nobody(List<String> reasons) {
            if (attempt() != mine) {
              return; // It was taken for lost, and another one may be under way.
            }
            if (wish == null || wish.to == null) {
              session.attemptsFailed(
                  targets.isEmpty()
                      ? "none yet, the service has many clients"
                      : String.join("; ", reasons));
            }
            step(wish, () -> PathMigrator.this.nobody(wish, reasons, unidentified.get()));
          }
        };
    ResumeRound begun = new ResumeRound(node, session, dialer, targets, outcome);
    boolean late;
    synchronized (lock) {
      watch.within(targets.size() * SessionDialer.mostNanos(node));
      round = begun;
      granted = wish;
      late = wish != null && wish.late;
    }
    if (late) {
      begun.cancel();
    } else {
      begun.begin();
    }
  }

  void failed(Endpoint target, Throwable failure) {
    String reason = String.valueOf(failure.getMessage());
    if (failure instanceof ResumeException e) {
      switch (e.reason()) {
        case WRONG_DOOR -> {
          // It works, and would take a new session.
          wrongDoor(target, reason, e.instance().orElse(""));
          return;
        }
        case FORBIDDEN, UNIDENTIFIED -> events.add(What.REFUSED, "", target.toString(), reason);
        default -> {}
      }
    }
    if (!dialer.refused().containsKey(target)) { // Then nothing was dialled, and that is told.
      events.add(What.FAILED, "", target.toString(), reason);
    }
    table.failed(target, System.nanoTime());
  }

  private static ResumeException.@Nullable Reason reason(Throwable failure) {
    return failure instanceof ResumeException e ? e.reason() : null;
  }

  /** Told once, and not for each knock. */
  private void wrongDoor(Endpoint target, String reason, String instance) {
    boolean first;
    synchronized (lock) {
      first = !knocks.haveAnswer();
      if (!session.isAttached()) {
        knocks.answered(instance, System.nanoTime());
      }
    }
    if (first) {
      events.add(What.FAILED, "", target.toString(), reason);
    }
  }

  CompletableFuture<PathDialer.Found> connect(Endpoint target) {
    return dialer.connect(target);
  }

  private void moved(Endpoint to, String why, @Nullable Wish wish, boolean forLatency) {
    Endpoint from;
    boolean resumed;
    synchronized (lock) {
      from = present;
      resumed = suspect || broken;
      present = to;
      suspect = false;
      broken = false;
      backoff.reset();
      knocks.reset();
      busy = false;
    }
    dialer.led(to);
    probes.moved(to, forLatency);
    table.worked(to);
    events.add(resumed ? What.RESUMED : What.MOVED, from.toString(), to.toString(), why);
    if (wish != null) {
      node.tasks().execute(() -> wish.done.complete(null));
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

  private void nobody(@Nullable Wish wish, List<String> reasons, boolean unidentified) {
    if (wish != null) {
      fail(
          wish,
          reasons.isEmpty()
              ? "there is no other path that may be used, see explain()"
              : String.join("; ", reasons));
    }
    boolean crowded = session.redialNanos() > 0;
    long wait;
    boolean asideNow;
    synchronized (lock) {
      suspect = false;
      long now = System.nanoTime();
      long redialIn = brokeAt + session.redialNanos() - now;
      boolean others = knocks.haveAnswer();
      wait =
          redialIn > 0 ? redialIn : others ? knocks.nextNanos(crowded) : backoff.nextNanos(crowded);
      asideNow =
          !aside
              && !session.isAttached()
              && session.isOpen()
              && (unidentified || knocks.giveUp(crowded, now));
      aside |= asideNow;
      watch.within(wait);
      if (session.isAttached() || session.isOver()) {
        busy = false;
        liftAt = System.nanoTime() + wait;
        wait = -1;
      }
    }
    if (asideNow) {
      another.accept(String.join("; ", reasons));
    }
    if (wait < 0) {
      again();
    } else {
      long nanos = wait;
      Runnable again = () -> step(null, () -> node.tasks().execute(this::next));
      step(null, () -> node.delays().after(nanos, again));
    }
  }

  /** False once the session is over. */
  private boolean look() {
    if (session.isOver()) {
      end(null);
      return false;
    }
    if (isAside() && session.openExchanges() == 0) {
      var unused = session.close("its calls have ended, and others go over another session");
    } else if (!session.isAttached()) {
      act(); // An attempt is under way, unless something was thrown out of the one before.
    } else if (session.isBelowFloor()) {
      if (mayLift()) {
        act();
      }
    } else if (session.isOpen()) {
      probes.look();
    }
    return true;
  }

  private boolean isAside() {
    synchronized (lock) {
      return aside;
    }
  }

  private boolean mayLift() {
    synchronized (lock) {
      return System.nanoTime() - liftAt >= 0;
    }
  }

  // For the trials.

  /** Begins an attempt, perhaps of the trials' own; false where one is under way. */
  boolean claim() {
    synchronized (lock) {
      if (busy) {
        return false;
      }
      watch.begin();
      busy = true;
      return true;
    }
  }

  private int attempt() {
    synchronized (lock) {
      return attempt;
    }
  }

  /** An attempt of which a step was lost, as where there is no memory, is given up. */
  private boolean attemptGoesOn() {
    ResumeRound lost;
    Wish wish;
    synchronized (lock) {
      if (busy && !watch.isLost()) {
        return true;
      }
      watch.unwatched();
      if (!busy) {
        return false;
      }
      attempt++;
      busy = false;
      lost = round;
      wish = granted;
      round = null;
      granted = null;
    }
    if (lost != null) {
      lost.cancel();
    }
    if (wish != null) {
      fail(wish, "the attempt was lost");
    }
    again();
    return false;
  }

  /** Whether an attempt is under way, or about to be. */
  boolean isBusy() {
    synchronized (lock) {
      return busy;
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
      probes.measureOthers();
    }
  }
}
