package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.Explanation;
import io.carrick.MessagingException;
import io.carrick.PathEvent;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.message.Failure;
import io.carrick.core.queue.Fifo;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.select.Candidate;
import io.carrick.core.select.Choice;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The session with a service that this node dials: opened for the first call that waits, and again
 * after a loss as long as somebody waits. Those who wait come first and in order.
 */
public final class DialledSource implements SessionSource {

  /** The most calls that wait for a session (F2). */
  static final int MAX_WAITERS = 1_024;

  /** What they may hold. */
  static final int MAX_WAITING_BYTES = 8 << 20;

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  private final AtomicBoolean warned = new AtomicBoolean();

  /** The most sessions that are kept for what they hold, beside the one for new calls. */
  static final int MAX_ASIDE = 4;

  private final MessengerContext node;
  private final SessionDialer dialer;
  private final String expectedService;
  private final Requirements needs;
  private final EndpointTable table;
  private final AdvertisedPolicy policy;
  private final PathEvents events;
  private final Backoff backoff;
  private final LatencyTargets targets = new LatencyTargets(System::nanoTime);
  private final CallLimit limit = new CallLimit(MAX_WAITERS, MAX_WAITING_BYTES);
  private final RetryBudget repeats = new RetryBudget(System.nanoTime());
  private final Object lock = new Object();

  /** Kept, not used: the messenger refers to its remotes weakly, and a session to its line. */
  @SuppressWarnings("unused")
  private volatile @Nullable SessionPool owner;

  // Written under lock.
  private volatile @Nullable Session current;
  private volatile boolean closed;

  // Guarded by lock.
  private final WaitingCalls waiters = new WaitingCalls();

  /** Sessions that are kept for what they hold; the oldest first. */
  private final Fifo<Session> aside = new Fifo<>();

  private @Nullable Session fresh;
  private boolean busy;
  private int attempt;
  private final AttemptWatch watch;
  private boolean connectedOnce;

  /** Why the last round of attempts gave no session; empty where it gave one. */
  private String lastFailure = "";

  private boolean crowded;
  private long holdUntil = System.nanoTime();
  private @Nullable PathMigrator migrator;
  private String knownService;

  public DialledSource(
      MessengerContext node,
      String expectedService,
      EndpointTable table,
      Requirements needs,
      AdvertisedPolicy policy,
      PathEvents events) {
    this.node = node;
    this.policy = policy;
    this.expectedService = expectedService;
    this.knownService = expectedService;
    this.needs = needs;
    this.table = table;
    this.events = events;
    this.backoff = new Backoff(node.random());
    this.watch = new AttemptWatch(node.delays(), this::attemptGoesOn);
    this.dialer = new SessionDialer(node, expectedService, table, events, this::lost);
  }

  @Override
  public void ownedBy(SessionPool pool) {
    owner = pool;
  }

  @Override
  public @Nullable Session current() {
    Session session = current;
    return session != null && session.isOpen() ? session : null;
  }

  @Override
  public @Nullable Session open() {
    synchronized (lock) {
      return fresh != null && fresh.isOpen() ? fresh : current();
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void used(Requirements with) {
    targets.used(with);
  }

  @Override
  public boolean mayRepeat() {
    return repeats.take(System.nanoTime());
  }

  @Override
  public boolean isUsed() {
    synchronized (lock) {
      Session session = fresh;
      return !waiters.isEmpty() || (session != null && session.openExchanges() > 0);
    }
  }

  @Override
  public void rest() {
    Session session = current();
    if (session != null && !isUsed()) {
      var unused = session.close("no call was made for a while");
    }
  }

  @Override
  public void await(Waiter waiter) {
    try {
      limit.take(
          waiter.waitingBytes(), waiter.patienceNanos(), " wait for a session with " + name());
    } catch (MessagingException e) {
      waiter.failed(e);
      return;
    }
    boolean refused;
    String unreachable = "";
    boolean begin = false;
    Session open = null;
    synchronized (lock) {
      refused = closed;
      if (!refused && !busy) {
        // It may have come since the caller looked: who goes on at once is not overtaken.
        open = current();
      }
      if (!refused && busy && !waiter.waitForReady()) {
        unreachable = lastFailure;
      }
      if (!refused && open == null && unreachable.isEmpty()) {
        begin = enter(waiter);
      }
    }
    if (refused) {
      fail(List.of(waiter), this::closedFailure);
    } else if (!unreachable.isEmpty()) {
      String because = unreachable;
      fail(List.of(waiter), () -> new ConnectException(because, null));
    } else if (open != null) {
      limit.give(waiter.waitingBytes());
      if (!waiter.connected(open)) {
        await(waiter);
      }
    } else if (begin) {
      begin();
    }
  }

  /**
   * Lets it wait, or gives its place back; whether the caller opens a session. The lock is held.
   */
  private boolean enter(Waiter waiter) {
    boolean waits = false;
    try {
      waiters.add(waiter);
      boolean begin = claim();
      waits = true;
      return begin;
    } finally {
      if (!waits) {
        waiters.remove(waiter);
        limit.give(waiter.waitingBytes());
      }
    }
  }

  @Override
  public String lastFailure() {
    synchronized (lock) {
      return lastFailure;
    }
  }

  @Override
  public void forget(Waiter waiter) {
    boolean removed;
    synchronized (lock) {
      removed = waiters.remove(waiter);
    }
    if (removed) {
      limit.give(waiter.waitingBytes());
    }
  }

  private SessionLostException closedFailure() {
    return new SessionLostException(
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        "the remote to " + name() + " is closed: connect again",
        null);
  }

  private String name() {
    synchronized (lock) {
      return knownService.isEmpty() ? String.join(", ", table.endpoints()) : knownService;
    }
  }

  /** Whether the service told that it has many clients, when it was last reached. */
  private boolean isCrowded() {
    synchronized (lock) {
      return crowded;
    }
  }

  /** Whether the caller opens a session from now on. The lock is held. */
  private boolean claim() {
    if (busy) {
      return false;
    }
    watch.begin();
    busy = true;
    return true;
  }

  private boolean attemptGoesOn() {
    synchronized (lock) {
      if (busy && !watch.isLost()) {
        return true;
      }
      watch.unwatched();
      if (!busy) {
        return false;
      }
      attempt++;
    }
    failAll(
        () ->
            new ConnectException(
                "an attempt to open a session with "
                    + name()
                    + " was lost, as happens where the heap of "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB is used up: give the process more (-Xmx), or keep less",
                null));
    return false;
  }

  /** An attempt goes on; false if it was taken for lost, and another one is watched now. */
  private boolean goesOn(int mine) {
    synchronized (lock) {
      if (mine == attempt) {
        watch.within(0);
      }
      return mine == attempt;
    }
  }

  private void within(long nanos) {
    synchronized (lock) {
      watch.within(nanos);
    }
  }

  /** A step that opens a session: one that throws fails those who wait. */
  private void step(Runnable step) {
    try {
      step.run();
    } catch (Throwable t) {
      failAll(() -> new ConnectException("no session could be opened: " + t, t));
      Contained.log(Failing.OPEN, t);
    }
  }

  private void begin() {
    step(this::dial);
  }

  private void dial() {
    long hold;
    synchronized (lock) {
      hold = holdUntil - System.nanoTime();
    }
    if (hold > 0) {
      retryAfter(hold);
      return;
    }
    Choice choice = table.choose(targets.strictest(needs));
    if (choice.ranked().isEmpty()) {
      failAll(() -> table.noPath(needs, choice));
      return;
    }
    List<Endpoint> ranked = choice.ranked().stream().map(r -> r.candidate().endpoint()).toList();
    int mine;
    synchronized (lock) {
      mine = attempt;
      watch.within(ranked.size() * SessionDialer.mostNanos(node));
    }
    dialer
        .dial(ranked, needs.and(Requirements.security(floorOfAside())))
        .whenComplete((found, failure) -> step(() -> dialled(mine, found, failure)));
  }

  private void dialled(
      int mine, SessionDialer.@Nullable Dialled result, @Nullable Throwable failure) {
    if (!goesOn(mine)) {
      if (result != null) {
        result.session().close("it came too late");
      }
      return;
    }
    if (result != null) {
      established(mine, result);
      return;
    }
    boolean again;
    boolean wanted;
    List<Waiter> impatient = List.of();
    synchronized (lock) {
      lastFailure = String.valueOf(unreachable(failure).getMessage());
      again = connectedOnce && !closed && !isForGood(unreachable(failure).code());
      if (again) {
        impatient = waiters.take(w -> !w.waitForReady());
      }
      wanted = !waiters.isEmpty();
      busy = !again || wanted;
    }
    fail(impatient, () -> unreachable(failure));
    if (!again) {
      failAll(() -> unreachable(failure));
    } else if (wanted) {
      retryAfter(backoff.nextNanos(isCrowded()));
    }
  }

  private static ConnectException unreachable(@Nullable Throwable failure) {
    Throwable cause = failure == null ? null : Failure.unwrap(failure);
    String message = cause == null ? "" : String.valueOf(cause.getMessage());
    return cause instanceof ConnectException e
        ? new ConnectException(e.code(), message, e.getCause())
        : new ConnectException(message, cause);
  }

  /**
   * Whether it fails in the same way until somebody acts: the peer or this side does not believe
   * who the other is, or something else listens there.
   */
  private static boolean isForGood(StatusCode code) {
    return code == StatusCode.UNAUTHENTICATED
        || code == StatusCode.PERMISSION_DENIED
        || code == StatusCode.UNIMPLEMENTED;
  }

  private void retryAfter(long nanos) {
    within(nanos);
    node.delays().after(nanos, this::retry);
  }

  private void retry() {
    synchronized (lock) {
      watch.within(0);
      if (waiters.isEmpty() || closed) {
        busy = false;
        return;
      }
    }
    step(() -> node.tasks().execute(this::begin));
  }

  private void established(int mine, SessionDialer.Dialled found) {
    Session session = found.session();
    PathMigrator keeper =
        new PathMigrator(
            node,
            table,
            needs,
            targets,
            policy,
            events,
            session,
            found.endpoint(),
            why -> putAside(session, why));
    found.link().watch(keeper);
    table.begun();
    boolean late;
    synchronized (lock) {
      late = closed;
      connectedOnce = true;
      lastFailure = "";
      crowded = session.redialNanos() > 0;
      fresh = session;
      migrator = keeper;
      knownService = session.peer().service();
      backoff.reset();
    }
    keeper.begin();
    tellWhatCannotTake(session);
    hold(session, keeper);
    if (node.runtime().isDraining()) {
      // The peer must call nobody here who goes away.
      session.notice(List.of(), false, true);
    }
    if (late) {
      session.close("the remote is closed");
      failAll(this::closedFailure);
    } else {
      // Not marked as Carrick's: it may wait until the session has room for those who waited.
      node.tasks().executeUnmarked(() -> step(() -> serve(mine, session)));
    }
  }

  /** Told at once, and not when the path breaks: which endpoints are no way out, and what helps. */
  private void tellWhatCannotTake(Session session) {
    for (Candidate candidate : table.candidates()) {
      Optional<String> why = MoveTargets.cannotTake(session, candidate);
      if (why.isPresent()) {
        String endpoint = candidate.endpoint().toString();
        events.add(PathEvent.What.REFUSED, "", endpoint, why.get());
        if (warned.compareAndSet(false, true)) {
          Contained.say(
              LOG,
              System.Logger.Level.WARNING,
              "the session with " + name() + " cannot go on over " + endpoint + ": " + why.get(),
              null);
        }
      }
    }
  }

  /** Gives the session to those who wait, in order, before anybody else may use it. */
  private void serve(int mine, Session session) {
    if (!goesOn(mine)) {
      session.close("nobody waits for it any more");
      return;
    }
    synchronized (lock) {
      watch.endless();
    }
    List<Waiter> last = new ArrayList<>();
    boolean whole = false;
    try {
      serve(session, last);
      whole = true;
    } finally {
      if (!whole) {
        within(0);
      }
      last.forEach(waiter -> give(session, waiter));
    }
  }

  private void serve(Session session, List<Waiter> last) {
    while (true) {
      WaitingCalls.Taken taken;
      synchronized (lock) {
        taken = waiters.poll();
        if (taken == null) {
          busy = false;
          if (fresh == session && !closed) {
            current = session;
          }
          return;
        }
      }
      if (taken.waiter().isLast()) {
        last.add(taken.waiter());
      } else if (!give(session, taken.waiter())) {
        synchronized (lock) {
          waiters.putBack(taken);
        }
        retryAfter(backoff.nextNanos(isCrowded()));
        return;
      }
    }
  }

  /** Gives it to one of them, as soon as there is memory; false if it was of no use. */
  private boolean give(Session session, Waiter waiter) {
    while (true) {
      try {
        if (!waiter.connected(session)) {
          return false;
        }
        limit.give(waiter.waitingBytes());
        return true;
      } catch (Throwable t) {
        if (!(t instanceof OutOfMemoryError) || !Contained.awaitsMemory()) {
          fail(List.of(waiter), () -> new ConnectException("the call could not be made: " + t, t));
          Contained.log(Failing.CALL, t);
          return true;
        }
      }
    }
  }

  /**
   * Begins another session for new calls and for those that the present one has not sent. It is
   * kept for what it holds, and resumed if its instance is found.
   */
  private void putAside(Session session, String why) {
    boolean begin;
    Session oldest;
    synchronized (lock) {
      if (closed || (fresh != session && current != session)) {
        return;
      }
      current = null;
      fresh = null;
      begin = claim();
      aside.add(session);
      oldest = aside.size() > MAX_ASIDE ? aside.poll() : null;
    }
    events.add(PathEvent.What.PUT_ASIDE, session.path().address(), "", why);
    List<Waiter> back = new ArrayList<>();
    for (ExchangeOwner owner : session.putAside("the session was put aside: " + why)) {
      Waiter waiter = owner instanceof Returning call ? call.goElsewhere() : null;
      if (waiter != null) {
        limit.takeOver(waiter.waitingBytes());
        back.add(waiter);
      }
    }
    boolean late;
    synchronized (lock) {
      late = closed;
      if (!late) {
        waiters.giveBack(back);
      }
    }
    if (late) {
      fail(back, this::closedFailure);
    }
    if (oldest != null) {
      oldest.abort(
          StatusCode.UNAVAILABLE, "more than " + MAX_ASIDE + " sessions wait to be resumed");
    }
    if (begin) {
      retry();
    }
  }

  /** What no other session goes below while one waits. */
  private SecurityLevel floorOfAside() {
    synchronized (lock) {
      return aside.toList().stream()
          .map(Session::floor)
          .max(Comparator.naturalOrder())
          .orElse(SecurityLevel.NONE);
    }
  }

  private void lost(Session session, End reason) {
    String from = session.path().address();
    synchronized (lock) {
      aside.remove(session);
      if (current == session) {
        current = null;
      }
      if (fresh == session) {
        fresh = null;
      }
      PathMigrator last = migrator;
      if (last != null && last.keeps(session)) {
        from = last.present().toString();
        migrator = null;
        if (crowded && last.brokenNanos() >= node.config().resumption().nanos()) {
          // All sessions of a service that stays away end in the same moment.
          holdUntil = System.nanoTime() + node.random().applyAsLong(0, Backoff.CROWDED_NANOS);
        }
      }
    }
    events.add(PathEvent.What.LOST, from, "", reason.message());
  }

  private void failAll(Supplier<? extends MessagingException> reason) {
    List<Waiter> all;
    synchronized (lock) {
      all = waiters.take(w -> true);
      busy = false;
    }
    fail(all, reason);
  }

  private void fail(List<Waiter> all, Supplier<? extends MessagingException> reason) {
    for (Waiter waiter : all) {
      limit.give(waiter.waitingBytes());
      while (!failed(waiter, reason)) {
        // There is memory now, perhaps.
      }
    }
  }

  /** False where it has to be tried again. */
  private static boolean failed(Waiter waiter, Supplier<? extends MessagingException> reason) {
    try {
      waiter.failed(reason.get());
    } catch (Throwable t) {
      Contained.log(Failing.CALL_END, t);
      return !(t instanceof OutOfMemoryError) || !Contained.awaitsMemory();
    }
    return true;
  }

  @Override
  public CompletableFuture<Void> close(String reason) {
    List<Session> sessions;
    List<Waiter> all;
    synchronized (lock) {
      closed = true;
      sessions = aside.toList();
      Session session = fresh == null ? current : fresh;
      if (session != null) {
        sessions.add(session);
      }
      all = waiters.take(w -> true);
    }
    fail(all, this::closedFailure);
    return CompletableFuture.allOf(
        sessions.stream().map(s -> s.close(reason)).toArray(CompletableFuture[]::new));
  }

  @Override
  public CompletableFuture<Void> move(@Nullable Endpoint to, Duration atMost) {
    Session session = open();
    PathMigrator keeper;
    synchronized (lock) {
      keeper = migrator;
    }
    if (session == null || keeper == null) {
      return CompletableFuture.failedFuture(
          new ConnectException(
              "there is no session with " + name() + " that could move: connect() first", null));
    }
    return keeper.move(to, atMost);
  }

  @Override
  public void raiseFloor(SecurityLevel level) {
    Session session = open();
    PathMigrator keeper;
    synchronized (lock) {
      keeper = migrator;
    }
    if (session != null && keeper != null) {
      hold(session, keeper);
    }
  }

  /** The floor may have risen since HELLO was said. */
  private void hold(Session session, PathMigrator keeper) {
    session.raiseFloor(table.floor());
    keeper.floorRose();
  }

  @Override
  public PathEvents pathEvents() {
    return events;
  }

  @Override
  public Optional<String> service() {
    synchronized (lock) {
      return knownService.isEmpty() ? Optional.empty() : Optional.of(knownService);
    }
  }

  @Override
  public List<String> endpoints() {
    return table.endpoints();
  }

  @Override
  public Explanation explain(Requirements asked) {
    Session session = open();
    PathMigrator keeper;
    synchronized (lock) {
      keeper = migrator;
    }
    SecurityLevel required = table.floor();
    if (session == null || keeper == null) {
      return table.explain(
          service().orElse(expectedService),
          asked,
          required,
          new EndpointTable.InSession(Optional.empty(), Map.of(), Map.of(), events));
    }
    Optional<String> chosen =
        session.isAttached() ? Optional.of(keeper.present().toString()) : Optional.empty();
    keeper.measureOthers();
    SecurityLevel now = session.required();
    return table.explain(
        service().orElse(expectedService),
        asked,
        now.compareTo(required) > 0 ? now : required,
        new EndpointTable.InSession(
            chosen, keeper.targets().advertised(), keeper.targets().refused(), events));
  }

  @Override
  public Map<Endpoint, Capabilities> advertised() {
    PathMigrator keeper;
    synchronized (lock) {
      keeper = migrator;
    }
    return keeper == null ? Map.of() : keeper.targets().advertised();
  }
}
