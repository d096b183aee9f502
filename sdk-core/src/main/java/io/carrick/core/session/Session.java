package io.carrick.core.session;

import io.carrick.ConnectException;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.RoundTrip;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.core.session.state.SessionCore;
import io.carrick.core.session.state.TokenLife;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A session with threads, a clock and a connection: the driver of {@link SessionCore}. One short
 * lock is the serial section (F13): inside there is no user code, no call that blocks and no write
 * to a socket. Whoever leaves the section writes what became due, and then calls the owners of
 * exchanges that changed. Safe for use by any thread.
 */
public final class Session {

  private static final Section.Step<Session, Session> TICK =
      (core, session, same) -> session.ticked();
  private static final long MOST_REDIAL_NANOS = 60_000_000_000L;

  final SessionRuntime runtime;
  final SessionConfig config;
  final SessionEvents events;
  final SessionCore core;
  final Section section;
  final SessionPath path;
  final Resuming resuming;
  final Renewing renewing;
  final Reading reading = new Reading(this);
  private final @Nullable Binding binding;
  final SessionFaults faults;
  private final Exchanges exchanges;
  private final boolean initiator;
  private final boolean sameHost;
  private final List<String> advertised;
  private final long redialNanos;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** Among the sessions of the runtime, which sets it once. */
  long place;

  private volatile boolean open = true;

  Session(
      Agreement agreed,
      @Nullable Link link,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events) {
    this.config = config;
    this.runtime = runtime;
    this.events = events;
    this.binding = agreed.binding();
    this.initiator = agreed.initiator();
    this.sameHost = agreed.sameHost();
    this.advertised = agreed.advertised();
    this.redialNanos =
        placeWithin(
            agreed.redialNanos(), Math.min(MOST_REDIAL_NANOS, config.resumption().nanos() / 2));
    long now = runtime.now();
    this.core = new SessionCore(config, initiator, agreed.limits(), binding != null, now);
    this.path = new SessionPath(this, core, agreed, link);
    this.section = new Section(this, core, now);
    this.exchanges = new Exchanges(this);
    this.faults = new SessionFaults(this);
    this.resuming = new Resuming(this, binding, initiator);
    this.renewing = new Renewing(this);
    Instant expires = agreed.expires();
    core.tokenLife = expires == null ? null : new TokenLife(Renewing.endsAt(expires, now), now);
  }

  /** A place that is too late for this side, over the time that it has: as even as before. */
  static long placeWithin(long place, long most) {
    return place <= most || most == 0 ? Math.min(place, most) : 1 + (place - 1) % most;
  }

  /** One that nobody can resume; see {@link SessionRuntime#stranger}. */
  static Session stranger(SessionConfig config, SessionRuntime runtime) {
    return new Session(Agreement.stranger(config), null, config, runtime, SessionEvents.NONE);
  }

  /**
   * Shakes hands as the side that dialled. The future fails with {@link ConnectException} and the
   * connection is closed, if nothing answers in time, the peer refuses or speaks another protocol.
   *
   * @param expectedService the name that the peer must bear; empty for any
   */
  public static CompletableFuture<Session> initiate(
      Connection connection,
      SessionConfig config,
      String expectedService,
      SessionRuntime runtime,
      SessionEvents events) {
    return new ConnectHandshake(connection, config, expectedService, runtime, events).begin();
  }

  /** Shakes hands as the side that listens; {@code started} gets the session once it is open. */
  public static void accept(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      Consumer<Session> started) {
    new AcceptHandshake(connection, config, runtime, events, started).begin();
  }

  /** Who is at the other end. */
  public PeerIdentity peer() {
    return path.peer();
  }

  /** The connection that carries the session, or the last one that did. */
  public PeerInfo path() {
    return path.info();
  }

  /** Whether a connection carries the session now. */
  public boolean isAttached() {
    return path.isAttached();
  }

  /** Whether the peer proved to be on this host; false where it is not known. */
  public boolean sameHost() {
    return sameHost;
  }

  /** Where else the acceptor said that it listens; a hint and no authority. */
  public List<String> advertised() {
    return advertised;
  }

  /**
   * How long after its connection broke the initiator waits before it dials the same endpoint
   * again: its place, as the acceptor told; within 60 s and half of the resume time.
   */
  public long redialNanos() {
    return redialNanos;
  }

  /** The security that every connection of this session must give (R15). */
  public SecurityLevel floor() {
    return path.floor();
  }

  /**
   * The security that another connection must give now: the floor, or more where a call needs it.
   */
  public SecurityLevel required() {
    return path.required();
  }

  /** Whether the connection that carries the session gives less than the floor. */
  public boolean isBelowFloor() {
    return path.isBelowFloor();
  }

  /** Raises the floor; a lower one than now is ignored. The present connection stays. */
  public void raiseFloor(SecurityLevel level) {
    path.raiseFloor(level);
  }

  /** Tells the peer where else this node listens, that it should move, or that this node goes. */
  public void notice(List<String> endpoints, boolean move, boolean draining) {
    byte[] notice = FrameWriter.notice(endpoints, move, draining);
    section.turn(() -> core.notice(notice));
  }

  /** Whether exchanges can be opened. */
  public boolean isOpen() {
    return open;
  }

  /** The round trip of the connection that carries the session. */
  public RoundTrip roundTrip() {
    section.lock.lock();
    try {
      return new RoundTrip(core.liveness.rtt(), core.liveness.measurements());
    } finally {
      section.lock.unlock();
    }
  }

  /** Whether the session has ended, for good. */
  public boolean isOver() {
    return over.isDone();
  }

  /** How many exchanges have not ended that end by themselves: all but subscriptions. */
  public int openCalls() {
    section.lock.lock();
    try {
      return core.livingCalls();
    } finally {
      section.lock.unlock();
    }
  }

  /** How many of these the peer opened. */
  public int openCallsOfPeer() {
    section.lock.lock();
    try {
      return core.livingCallsOfPeer();
    } finally {
      section.lock.unlock();
    }
  }

  /** How many exchanges have not ended. */
  public int openExchanges() {
    section.lock.lock();
    try {
      return core.livingCount();
    } finally {
      section.lock.unlock();
    }
  }

  /** What is done with its exchanges. */
  public Exchanges exchanges() {
    return exchanges;
  }

  /** Ends the session in order (F14); completes when it is over. */
  public CompletableFuture<Void> close(String reason) {
    section.turn(
        () -> {
          open = false;
          core.close(reason, runtime.now());
        });
    return over;
  }

  /** Ends the session at once; the peer is told why, if it can be. */
  public void abort(StatusCode code, String message) {
    section.turn(() -> faults.end(code, message, message));
  }

  // Resuming over another connection.

  /**
   * Opens nothing more, and keeps the session for what it holds: calls that have no seq are given
   * back, as not delivered, and so are subscriptions, and calls that may be repeated.
   *
   * @return the owners that make their calls in another session, in the order in which they made
   *     them in this one
   */
  public List<ExchangeOwner> putAside(String why) {
    byte[] leaving = FrameWriter.notice(List.of(), false, true);
    List<ExchangeOwner> elsewhere =
        section.ask(
            why,
            leaving,
            (core, reason, notice) -> {
              open = false;
              core.notice(notice);
              return core.withdraw(reason);
            });
    return elsewhere == null ? List.of() : elsewhere;
  }

  /** All endpoints were tried in vain, for this reason. */
  public void attemptsFailed(String why) {
    section.turn(() -> core.attemptsFailed(why));
  }

  /**
   * Why an endpoint that was not connected cannot carry the session; empty where it may. What it
   * will show of the peer is not known where it authenticates the peer.
   */
  public Optional<String> cannotTake(String endpoint, Capabilities to) {
    return path.cannotTake(endpoint, to);
  }

  /**
   * Moves the session to a fresh connection, whose receiver becomes the session (F12). The old
   * connection, if there is one, goes on until the new one counts, and is closed then. Only the
   * initiator does this.
   *
   * @param ownEndpoint whether the endpoint leads to the session's instance and no other: another
   *     one that answers there shows that ours is gone, and ends the session
   * @return completes when the connection carries the session; fails with {@link ResumeException},
   *     and the connection is closed then
   */
  public CompletableFuture<Void> resume(Connection connection, boolean ownEndpoint) {
    return resuming.begin(connection, ownEndpoint, null);
  }

  /**
   * Measures the connection, and then moves the session to it as {@link #resume} does, or closes
   * it.
   *
   * @param trial decides by the round trip in nanoseconds whether the connection is taken; called
   *     at most once, on the thread that reads it
   * @return to cancel it closes the connection, which it must not once that is taken
   */
  public CompletableFuture<Void> resumeIf(
      Connection connection, boolean ownEndpoint, LongPredicate trial) {
    return resuming.begin(connection, ownEndpoint, trial);
  }

  // For the receiver, the writer and the timer.

  boolean isInitiator() {
    return initiator;
  }

  @Nullable Binding binding() {
    return binding;
  }

  /** In the serial section: who waits for a change may see one. */
  void changed() {
    if (core.ended() != null || core.state() != SessionCore.State.OPEN || core.peerDraining()) {
      open = false;
    }
    exchanges.changed();
  }

  /** For the timer: false where another thread is in the session, and it should come again. */
  boolean tick() {
    return section.tryTurn(this, this, TICK);
  }

  private void ticked() {
    core.mayGrow(runtime.budget().mayGrow());
    long now = runtime.now();
    core.tick(now);
    section.release(now);
    TokenLife life = core.tokenLife;
    if (life != null && life.isOver(now)) {
      String message =
          "the token of the session has expired: calls begin a new one with a new token";
      faults.end(StatusCode.UNAUTHENTICATED, message, message);
    }
  }

  /** How many calls live, none once it has ended; without the lock, so perhaps not the last. */
  int callsRoughly() {
    return core.ended() == null ? core.livingCount() : 0;
  }

  long heldBytes() {
    return section.accounted();
  }

  /** How much would be lost with it. */
  AnonymousSessions.Standing standing() {
    section.lock.lock();
    try {
      return new AnonymousSessions.Standing(
          core.livingCount() > 0, path.isCarried(), core.usedAt());
    } finally {
      section.lock.unlock();
    }
  }

  /** Why the session is over; empty while it is not. */
  String over() {
    End end = core.ended();
    return end == null ? "" : end.message();
  }

  /** Told once, behind all else. */
  void tellEnd() {
    try {
      runtime.remove(this);
      End end = core.ended();
      if (end != null) {
        events.ended(this, end);
      }
    } finally {
      over.complete(null);
    }
  }
}
