package io.carrick.core.path;

import io.carrick.MessagingException;
import io.carrick.PathEvent.What;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Delays;
import io.carrick.core.run.Failing;
import io.carrick.core.run.GuardedFuture;
import io.carrick.core.session.ResumeException;
import io.carrick.core.session.Session;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives a session another connection, in one attempt at a time: when it broke or is suspect, when
 * the application wants another one, when one gives more. Safe for use by any thread.
 */
final class MoveAttempts {

  private final MessengerContext node;
  private final EndpointTable table;
  private final MoveTargets targets;
  private final PathEvents events;
  private final PathDialer dialer;
  private final Session session;
  private final PathProbes probes;

  /** Begins another session for new calls, since this one may not come back: why. */
  private final Consumer<String> another;

  private final Object lock = new Object();

  // Guarded by lock.
  private final List<MoveWish> wishes = new ArrayList<>();
  private final Backoff backoff;
  private final Knocks knocks;
  private Endpoint present;
  private boolean busy;

  /** Which attempt is under way; one that was taken for lost does not end another. */
  private int attempt;

  private final AttemptWatch watch;
  private @Nullable ResumeRound round;
  private @Nullable MoveWish granted;
  private boolean broken;
  private boolean suspect;

  /** Whether new calls go over another session, and this one is kept for what it holds. */
  private boolean aside;

  private long brokeAt = System.nanoTime();

  /** When a path that gives the floor is looked for again. */
  private long liftAt = brokeAt;

  MoveAttempts(
      MessengerContext node,
      EndpointTable table,
      MoveTargets targets,
      LatencyTargets latency,
      PathEvents events,
      PathDialer dialer,
      Session session,
      Endpoint present,
      Consumer<String> another) {
    this.node = node;
    this.table = table;
    this.targets = targets;
    this.events = events;
    this.dialer = dialer;
    this.session = session;
    this.present = present;
    this.another = another;
    this.watch = new AttemptWatch(node.delays(), this::attemptGoesOn);
    this.backoff = new Backoff(node.random());
    this.knocks = new Knocks(node.random());
    this.probes = new PathProbes(node, table, targets, latency, session, this);
    dialer.led(present);
  }

  PathProbes probes() {
    return probes;
  }

  Endpoint present() {
    synchronized (lock) {
      return present;
    }
  }

  /** No connection carries the session any more; which endpoint it was. */
  Endpoint broke() {
    synchronized (lock) {
      brokeAt = System.nanoTime();
      broken = true;
      return present;
    }
  }

  /** The connection is silent. */
  void suspected() {
    synchronized (lock) {
      suspect = true;
    }
  }

  /** Moves to an endpoint, or to the best other one, within a time. */
  CompletableFuture<Void> move(@Nullable Endpoint to, Duration atMost) {
    GuardedFuture<Void> done = new GuardedFuture<>(node.tasks());
    MessagingException refused = to == null ? null : targets.refuses(to);
    if (refused != null) {
      done.completeExceptionally(refused);
      return done;
    }
    MoveWish wish = new MoveWish(node.tasks(), to, done, atMost);
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
  private void late(MoveWish wish) {
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

  /** Begins an attempt if there is reason for one, and none is under way. */
  void act() {
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
  private void step(@Nullable MoveWish wish, Runnable part) {
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
    MoveWish wish;
    boolean forced;
    synchronized (lock) {
      wish = wishes.isEmpty() ? null : wishes.remove(0);
      forced = suspect;
    }
    step(wish, () -> begin(wish, forced));
  }

  private void begin(@Nullable MoveWish wish, boolean forced) {
    if (session.isOver()) {
      end(wish);
    } else if (wish != null && isThere(wish, forced)) {
      there(wish);
    } else if (wish != null) {
      round(
          wish.to == null ? targets.others(present(), true) : List.of(wish.to),
          "the application asked",
          wish);
    } else if (!session.isAttached()) {
      round(targets.others(present(), redialIn() > 0), "the path before broke", null);
    } else if (forced) {
      // Where many may find it silent in the same moment, only other endpoints are dialled (T18).
      round(
          targets.others(present(), session.redialNanos() > 0), "the path before was silent", null);
    } else if (session.isBelowFloor()) {
      round(targets.others(present(), true), "the floor is above what the path gives", null);
    } else {
      synchronized (lock) {
        busy = false;
      }
    }
  }

  /** Whether a sound connection is there already where the application wants one. */
  private boolean isThere(MoveWish wish, boolean suspected) {
    return present().equals(wish.to) && session.isAttached() && !suspected;
  }

  private void there(MoveWish wish) {
    synchronized (lock) {
      busy = false;
    }
    wish.fulfil();
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

  void end(@Nullable MoveWish wish) {
    List<MoveWish> all;
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

  private void fail(MoveWish wish, String why) {
    // The policy for what is advertised: that helps no more to try again.
    wish.fail(why, wish.to != null && dialer.refused().containsKey(wish.to));
  }

  private void round(List<Endpoint> targets, String why, @Nullable MoveWish wish) {
    AtomicBoolean unidentified = new AtomicBoolean();
    int mine = attempt();
    ResumeRound.Outcome outcome =
        new ResumeRound.Outcome() {
          @Override
          public void moved(Endpoint to) {
            step(wish, () -> MoveAttempts.this.moved(to, why, wish, false));
          }

          @Override
          public void failed(Endpoint target, Throwable failure) {
            if (reason(failure) == ResumeException.Reason.UNIDENTIFIED) {
              unidentified.set(true);
            }
            MoveAttempts.this.failed(target, failure);
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
            step(wish, () -> MoveAttempts.this.nobody(wish, reasons, unidentified.get()));
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

  private void moved(Endpoint to, String why, @Nullable MoveWish wish, boolean forLatency) {
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
      wish.fulfil();
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

  private void nobody(@Nullable MoveWish wish, List<String> reasons, boolean unidentified) {
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

  boolean isAside() {
    synchronized (lock) {
      return aside;
    }
  }

  boolean mayLift() {
    synchronized (lock) {
      return System.nanoTime() - liftAt >= 0;
    }
  }

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
    MoveWish wish;
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
}
