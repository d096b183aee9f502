package io.carrick.core.path;

import io.carrick.Requirements;
import io.carrick.core.message.Failure;
import io.carrick.core.select.Candidate;
import io.carrick.core.select.Choice;
import io.carrick.core.select.Comparison;
import io.carrick.core.session.ResumeException;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.RoundTrip;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a better path while the present one works. Another endpoint is dialled and measured
 * only where that can change the path, one at a time, and then taken or closed: the rules are those
 * of {@link Comparison}. Gives way at once to an attempt that cannot wait. Safe for use by any
 * thread.
 */
final class PathProbes {

  /** For how long a session stays after a move, whyever it moved: 10 s. */
  static final long COOL_DOWN_NANOS = 10_000_000_000L;

  /** An endpoint is not tried again sooner: 10 s, doubled each time that nothing was gained. */
  static final long FIRST_WAIT_NANOS = 10_000_000_000L;

  /** The longest of these waits, and of cool-downs: 10 min; while a target is missed, 1 min. */
  static final long LAST_WAIT_NANOS = 600_000_000_000L;

  private static final long LAST_WAIT_MISSED_NANOS = 60_000_000_000L;

  /** Moves for the sake of latency within this time of each other double the cool-down: 60 s. */
  private static final long SWAYING_NANOS = 60_000_000_000L;

  /** In how many looks in a row a path must be in trouble: 2. */
  private static final int LOOKS = 2;

  /** Clients of a service that has many of them do not look elsewhere all at once: 1 s. */
  private static final long SPREAD_NANOS = 1_000_000_000L;

  private final MessengerContext node;
  private final EndpointTable table;
  private final LatencyTargets targets;
  private final Session session;
  private final MoveTargets where;
  private final MoveAttempts attempts;
  private final Object lock = new Object();

  // Guarded by lock, which is taken before that of the mover.
  private final Map<Endpoint, Tried> tried = new HashMap<>();
  private final Set<Endpoint> asked = new LinkedHashSet<>();
  private final Map<Endpoint, Long> measuredAt = new HashMap<>();
  private @Nullable Trial trial;
  private BestRoundTrip best = new BestRoundTrip(System.nanoTime());
  private int troubled;
  private long notBefore = System.nanoTime();
  private long coolDown = COOL_DOWN_NANOS;
  private long swayedAt = System.nanoTime() - SWAYING_NANOS;

  /** When an endpoint was tried, and how long it is left alone then. */
  private record Tried(long at, long rest) {}

  /** One endpoint that is measured now; the reason is null where only explain() asks. */
  private static final class Trial {
    private final Endpoint target;
    private final Comparison.@Nullable Reason reason;

    // Guarded by lock.
    private @Nullable CompletableFuture<Void> resuming;
    private boolean resumes;
    private boolean aborted;
    private boolean taken;

    /** Completes when {@code resuming} is there, and was cancelled where that came too late. */
    private final CompletableFuture<Void> known = new CompletableFuture<>();

    Trial(Endpoint target, Comparison.@Nullable Reason reason) {
      this.target = target;
      this.reason = reason;
    }
  }

  PathProbes(
      MessengerContext node,
      EndpointTable table,
      MoveTargets where,
      LatencyTargets targets,
      Session session,
      MoveAttempts attempts) {
    this.node = node;
    this.table = table;
    this.targets = targets;
    this.session = session;
    this.where = where;
    this.attempts = attempts;
  }

  /** Once a second while the session is attached: measures it, and looks whether to try another. */
  void look() {
    Endpoint here = attempts.present();
    RoundTrip rtt = session.roundTrip();
    table.measured(here, rtt);
    Requirements strict = targets.strictest(where.wanted());
    List<Candidate> all =
        where.choose(strict).ranked().stream().map(Choice.Ranked::candidate).toList();
    Optional<Candidate> present = all.stream().filter(c -> c.endpoint().equals(here)).findFirst();
    if (present.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    Trial begun;
    synchronized (lock) {
      if (present.get().measured().isKnown()) {
        best.add(present.get().measured().rttMicros(), now);
      }
      Optional<Comparison.Reason> trouble =
          Comparison.trouble(strict, present.get(), best.micros());
      troubled = trouble.isPresent() ? troubled + 1 : 0;
      if (troubled == 1) {
        forgive();
      }
      boolean wait = troubled > 0 && troubled < LOOKS;
      if (trial != null || now - notBefore < 0 || wait) {
        return;
      }
      begun = choose(all, present.get(), trouble.orElse(null), now);
      trial = begun;
    }
    if (begun != null) {
      long spread = session.redialNanos() > 0 ? node.random().applyAsLong(0, SPREAD_NANOS) : 0;
      Trial next = begun;
      begin(next, () -> node.delays().after(spread, () -> node.tasks().execute(() -> run(next))));
    }
  }

  /** One that cannot begin makes room for others. */
  private void begin(Trial next, Runnable begins) {
    boolean begun = false;
    try {
      begins.run();
      begun = true;
    } finally {
      if (!begun) {
        synchronized (lock) {
          trial = trial == next ? null : trial;
        }
      }
    }
  }

  /** Trouble is another matter than what an endpoint was tried for before. The lock is held. */
  private void forgive() {
    tried.replaceAll((e, t) -> new Tried(t.at(), FIRST_WAIT_NANOS));
  }

  private @Nullable Trial choose(
      List<Candidate> all, Candidate present, Comparison.@Nullable Reason trouble, long now) {
    for (Candidate other : all) {
      Endpoint target = other.endpoint();
      Tried before = tried.get(target);
      boolean rested = before == null || now - before.at() >= before.rest();
      if (target.equals(present.endpoint()) || !rested || !table.mayProbe(target, now)) {
        continue;
      }
      if (trouble != null) {
        return new Trial(target, trouble);
      }
      if (Comparison.costsLess(other, present)) {
        return new Trial(target, Comparison.Reason.COST);
      }
    }
    return null;
  }

  /** Somebody wants to know of the others: measures them, each at most every ten seconds. */
  void measureOthers() {
    Endpoint here = attempts.present();
    long now = System.nanoTime();
    synchronized (lock) {
      for (Choice.Ranked ranked : where.choose(where.wanted()).ranked()) {
        Endpoint other = ranked.candidate().endpoint();
        Long before = measuredAt.get(other);
        boolean rested = before == null || now - before >= FIRST_WAIT_NANOS;
        if (!other.equals(here) && rested && table.mayProbe(other, now)) {
          asked.add(other);
        }
      }
    }
    nextAsked();
  }

  private void nextAsked() {
    Trial next;
    synchronized (lock) {
      if (trial != null || asked.isEmpty()) {
        return;
      }
      Endpoint first = asked.iterator().next();
      asked.remove(first);
      next = new Trial(first, null);
      trial = next;
    }
    begin(next, () -> node.tasks().execute(() -> run(next)));
  }

  private void run(Trial now) {
    try {
      attempts
          .connect(now.target)
          .thenCompose(found -> measure(now, found))
          .whenComplete((v, failure) -> ended(now, failure));
    } catch (Throwable t) {
      ended(now, t);
    }
  }

  private CompletableFuture<Void> measure(Trial now, PathDialer.Found found) {
    Connection connection = found.connection();
    synchronized (lock) {
      // An attempt that cannot wait may have begun since this one was dialled.
      now.aborted |= attempts.isBusy();
      now.resumes = !now.aborted;
    }
    if (!now.resumes) {
      connection.close(CloseReason.local("something else came first"));
      return CompletableFuture.failedFuture(new CancellationException("something else came first"));
    }
    try {
      CompletableFuture<Void> resuming =
          session.resumeIf(connection, found.ownEndpoint(), rtt -> takes(now, rtt));
      boolean late;
      synchronized (lock) {
        now.resuming = resuming;
        late = now.aborted && !now.taken;
      }
      if (late) {
        resuming.cancel(false);
      }
      return resuming;
    } finally {
      now.known.complete(null);
    }
  }

  private boolean takes(Trial now, long rttNanos) {
    RoundTrip other = new RoundTrip(rttNanos, RoundTrip.OF_A_TRIAL);
    table.measured(now.target, other);
    Comparison.Reason reason = now.reason;
    RoundTrip here = session.roundTrip();
    long present = here.measurements() < RoundTrip.ENOUGH ? -1 : here.nanos() / 1_000;
    if (reason == null
        || !Comparison.takes(
            reason, targets.strictest(where.wanted()), present, rttNanos / 1_000)) {
      return false;
    }
    synchronized (lock) {
      now.taken = !now.aborted && attempts.claim();
      return now.taken;
    }
  }

  private void ended(Trial ended, @Nullable Throwable failure) {
    boolean taken;
    boolean aborted;
    synchronized (lock) {
      if (trial == ended) {
        trial = null;
      }
      taken = ended.taken;
      aborted = ended.aborted;
      measuredAt.put(ended.target, System.nanoTime());
      if (failure != null && !aborted && ended.reason != null) {
        rest(ended);
      }
    }
    boolean free = !taken;
    try {
      if (failure == null) {
        attempts.taken(ended.target, why(ended), ended.reason != Comparison.Reason.COST);
        free = true;
      } else if (!aborted || taken) {
        Throwable cause = Failure.unwrap(failure);
        if (!(cause instanceof ResumeException e
            && e.reason() == ResumeException.Reason.DECLINED)) {
          attempts.failed(ended.target, cause);
        }
      }
    } finally {
      if (!free) {
        attempts.release();
      }
      nextAsked();
    }
  }

  /** Nothing was gained: the next time is later. The lock is held. */
  private void rest(Trial ended) {
    Tried before = tried.get(ended.target);
    long longest =
        ended.reason == Comparison.Reason.TARGET ? LAST_WAIT_MISSED_NANOS : LAST_WAIT_NANOS;
    long rest = before == null ? FIRST_WAIT_NANOS : Math.min(longest, 2 * before.rest());
    tried.put(ended.target, new Tried(System.nanoTime(), rest));
  }

  private String why(Trial ended) {
    if (ended.reason == Comparison.Reason.COST) {
      return "its transport costs less";
    }
    return ended.reason == Comparison.Reason.SLOW
        ? "the path took more than twice its best"
        : "the path missed the latency target of "
            + targets.strictest(where.wanted()).maxLatency().map(Object::toString).orElse("before");
  }

  /**
   * What cannot wait comes first: a trial that is not taken yet ends, and its connection. Completes
   * when it says no RESUME any more.
   */
  CompletableFuture<Void> abort() {
    CompletableFuture<Void> resuming = null;
    CompletableFuture<Void> over = CompletableFuture.completedFuture(null);
    synchronized (lock) {
      Trial now = trial;
      if (now != null && !now.taken) {
        now.aborted = true;
        trial = null;
        resuming = now.resuming;
        over = now.resumes ? now.known : over;
      }
    }
    if (resuming != null) {
      resuming.cancel(false);
    }
    return over;
  }

  /** The session has moved to this endpoint; {@code forLatency}: because of what was measured. */
  void moved(Endpoint to, boolean forLatency) {
    long now = System.nanoTime();
    synchronized (lock) {
      best = new BestRoundTrip(now);
      troubled = 0;
      tried.remove(to);
      if (forLatency) {
        boolean sways = now - swayedAt < SWAYING_NANOS;
        coolDown = sways ? Math.min(LAST_WAIT_NANOS, 2 * coolDown) : COOL_DOWN_NANOS;
        swayedAt = now;
      }
      notBefore = now + (forLatency ? coolDown : COOL_DOWN_NANOS);
    }
  }
}
