package io.carrick.core.session;

import io.carrick.CallCancelledException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.auth.SessionKey;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.OutMessage;
import io.carrick.core.session.state.Outbound;
import io.carrick.core.session.state.RoundTrip;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.core.session.state.SessionCore;
import io.carrick.core.session.state.TokenLife;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

  /** What {@link #supply} says where the peer takes no more. */
  public static final int STOPPED = Outbound.STOPPED;

  private static final int POLLED = 32;
  private static final int POLLED_BYTES = 64 << 10;

  // Steps that are done for every message.
  private static final Section.Question<Exchange, Exchange, InboundMessage> POLL =
      (core, x, same) -> core.poll(x);
  private static final Section.Step<Exchange, Collection<? super InboundMessage>> POLL_SOME =
      Session::poll;
  private static final Section.Part<Exchange, ExchangeOwner> ADOPT =
      (core, x, owner) -> {
        x.owner = owner;
        return Section.Leave.LATER;
      };
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
  private final OpeningLimit limit;
  private final Section.Question<Opening, ExchangeOwner, Exchange> opens =
      (core, opening, owner) -> opened(opening, owner);
  private final @Nullable Binding binding;
  private final boolean initiator;
  private final boolean sameHost;
  private final List<String> advertised;
  private final long redialNanos;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** Among the sessions of the runtime, which sets it once. */
  long place;

  private volatile boolean open = true;

  Session(
      Agreed agreed,
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
    this.limit = new OpeningLimit(this);
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
    SessionKey key =
        SessionKey.derive(
            HandshakeFrames.random(32), HandshakeFrames.random(32), "carrick v1 stranger");
    PeerInfo nowhere = new PeerInfo("nowhere", Principal.NONE, SecurityLevel.NONE, false, false);
    PeerIdentity nobody =
        HandshakeFrames.identity("", new byte[16], Principal.NONE, List.of(), 1, nowhere);
    return new Session(
        new Agreed(
            false,
            new ReceiveLimits(1, 0, 0, 0),
            nobody,
            new Binding(
                HandshakeFrames.random(16), HandshakeFrames.random(16), config.instance(), key),
            SecurityLevel.NONE,
            false,
            List.of(),
            0,
            false,
            false,
            null),
        null,
        config,
        runtime,
        SessionEvents.NONE);
  }

  /**
   * What HELLO and WELCOME agreed.
   *
   * @param identityRequired whether the acceptor refuses paths that do not show who this side is
   * @param token whether HELLO showed one that counts
   */
  record Agreed(
      boolean initiator,
      ReceiveLimits limits,
      PeerIdentity peer,
      @Nullable Binding binding,
      SecurityLevel floor,
      boolean sameHost,
      List<String> advertised,
      long redialNanos,
      boolean identityRequired,
      boolean token,
      @Nullable Instant expires) {}

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

  /**
   * Opens an exchange. An application's thread waits while the limits of F2 are reached.
   *
   * @throws SessionLostException if the session is closing or over; nothing was sent
   * @throws NoPathException if the connection gives less security than the call needs
   * @throws OverloadedException on a thread of Carrick where it would have to wait
   * @throws DeadlineExceededException if there was no room until the deadline
   * @throws CallCancelledException if the waiting thread was interrupted; its interrupt flag is set
   * @throws ConnectException if no connection carries the session, all attempts to get one failed,
   *     and the owner does not wait for one
   */
  public Exchange open(Opening opening, ExchangeOwner owner) {
    String tooLarge = tooLarge(opening.payload());
    if (tooLarge != null) {
      throw OverloadedException.tooLarge(Delivered.NO, tooLarge);
    }
    Exchange x = section.ask(opening, owner, opens);
    if (x == null) {
      throw new SessionLostException(
          Delivered.NO, "the session with " + peer().service() + " failed: " + over(), null);
    }
    return x;
  }

  private @Nullable Exchange opened(Opening opening, ExchangeOwner owner) {
    limit.await(opening, owner);
    path.check(opening.security());
    return core.open(opening, owner, runtime.now());
  }

  /**
   * Reads the connection for a thread that waits for the end of an exchange, where that is worth it
   * and nobody else does: at most a millisecond.
   *
   * @return whether anything was read, so that the exchange may have ended; false to wait elsewhere
   */
  public boolean read(Exchange x) {
    return runtime.callersMayRead() && reading.read(x);
  }

  /** Gives an exchange that the peer opened to its owner. */
  public void adopt(Exchange x, ExchangeOwner owner) {
    section.part(x, owner, ADOPT);
  }

  /** The next whole message of the inbox, whose credit goes back; null where there is none. */
  public @Nullable InboundMessage poll(Exchange x) {
    return section.ask(x, x, POLL);
  }

  /** Takes the next whole messages of the inbox, a small batch at most, as {@link #poll} does. */
  public void poll(Exchange x, Collection<? super InboundMessage> into) {
    section.turn(x, into, POLL_SOME);
  }

  private static void poll(SessionCore core, Exchange x, Collection<? super InboundMessage> into) {
    int bytes = 0;
    for (int i = 0; i < POLLED && bytes < POLLED_BYTES; i++) {
      InboundMessage message = core.poll(x);
      if (message == null) {
        break;
      }
      bytes += message.payload().length;
      into.add(message);
    }
  }

  /** Asks for more items; n is positive. */
  public void request(Exchange x, long n) {
    section.turn(() -> core.in.demand(x, n));
  }

  /**
   * Queues a message of this side; {@code last} ends this side with it. Ignored after the end. One
   * that is too large fails an exchange that the peer opened.
   *
   * @throws OverloadedException if it is too large, for an exchange that this side opened, which
   *     goes on
   */
  public void send(
      Exchange x,
      String topic,
      Headers headers,
      String contentType,
      byte[] payload,
      long missed,
      boolean last) {
    String tooLarge = tooLarge(payload);
    if (tooLarge != null) {
      if (!x.openedByPeer()) {
        throw OverloadedException.tooLarge(Delivered.NO, tooLarge);
      }
      fail(x, StatusCode.RESOURCE_EXHAUSTED, tooLarge, Map.of(), false);
      return;
    }
    byte[] head = FrameWriter.itemHead(topic, headers, contentType);
    section.turn(x, OutMessage.item(head, payload, last, missed), SessionCore::send);
  }

  /** Why a message is too large for one of the sides; null if it is not. */
  public @Nullable String tooLarge(byte[] payload) {
    int bytes = payload.length;
    if (bytes <= Math.min(config.maxMessageBytes(), peer().maxMessageBytes())) {
      return null;
    }
    // It may be read on either side, so nobody is "this" one.
    boolean here = bytes > config.maxMessageBytes();
    String service = here ? config.service() : peer().service();
    return "message of "
        + bytes
        + " bytes exceeds the "
        + (here ? config.maxMessageBytes() : peer().maxMessageBytes())
        + " that "
        + service
        + (here ? " sends" : " takes")
        + ": raise maxMessageBytes of "
        + service
        + ", or send a stream of smaller messages";
  }

  /** Tells the opener of a subscription that it was accepted. */
  public void accept(Exchange x) {
    section.turn(() -> core.accept(x));
  }

  /** Whether the service has accepted this subscription. */
  public boolean isAccepted(Exchange x) {
    section.lock.lock();
    try {
      return x.accepted;
    } finally {
      section.lock.unlock();
    }
  }

  /** Ends this side without a message. */
  public void finish(Exchange x) {
    section.turn(() -> core.finish(x));
  }

  /** Ends an exchange that the peer opened by a failure, after the items queued before. */
  public void fail(
      Exchange x,
      StatusCode code,
      String message,
      Map<String, String> details,
      boolean notDelivered) {
    byte[] body = FrameWriter.error(x.id, code.number(), message, details, notDelivered);
    section.turn(x, body, SessionCore::fail);
  }

  /** Gives up an exchange that this side opened. */
  public void cancel(Exchange x, StatusCode code) {
    section.turn(x, code, SessionCore::cancel);
  }

  /** Tells who opened a channel that this side takes no more of its items. */
  public void stopItems(Exchange x) {
    section.turn(() -> core.in.stop(x));
  }

  /**
   * How many more items the owner may ask of its publisher now; permission is handed out once.
   * {@link #STOPPED} for a channel of this side whose items the peer does not take any more.
   */
  public int supply(Exchange x) {
    section.lock.lock();
    try {
      return core.out.supply(x);
    } finally {
      section.lock.unlock();
    }
  }

  /** Whether the peer has said its last and all of it was polled. */
  public boolean inboundDone(Exchange x) {
    section.lock.lock();
    try {
      return (x.inDone || x.end != null) && x.inboxEmpty();
    } finally {
      section.lock.unlock();
    }
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
    section.turn(() -> end(code, message, message));
  }

  /** In the serial section: ends the session, and tells the peer why. */
  private void end(StatusCode code, String words, String message) {
    if (core.ended() == null) {
      section.writer().say(FrameWriter.pathClose(words, true, code.number()));
      core.lose(new End(End.Cause.SESSION_LOST, code, message, Map.of(), Delivered.MAYBE));
    }
  }

  /**
   * In the serial section: a step threw, perhaps half done, so that the state can not be relied on.
   */
  void failed(Throwable t) {
    end(
        failure(t),
        words(t),
        config.service()
            + " ended the session with "
            + peer().service()
            + ", since it failed: "
            + t);
  }

  /** In the serial section: tells the peer that the session has ended by a fault. */
  void sayFailed(Throwable t) {
    section.writer().say(FrameWriter.pathClose(words(t), true, failure(t).number()));
  }

  private static StatusCode failure(Throwable t) {
    return t instanceof VirtualMachineError ? StatusCode.RESOURCE_EXHAUSTED : StatusCode.INTERNAL;
  }

  private static String words(Throwable t) {
    return t instanceof VirtualMachineError ? "out of memory" : "a fault of the node";
  }

  // Tokens.

  /** Shows the peer another token; no path of the session lets others read it. */
  void showToken(String token) {
    byte[] notice = Renewing.show(token);
    section.turn(() -> core.notice(notice));
  }

  /** The token that the session rests on is another one from now on. */
  void renewed(Instant expires) {
    section.turn(
        () -> {
          TokenLife life = core.tokenLife;
          if (life != null) {
            long now = runtime.now();
            life.renew(Renewing.endsAt(expires, now), now);
          }
        });
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
    limit.changed();
  }

  /** Ends the session without a word to the peer, which does not know it. */
  void lose(StatusCode code, String message) {
    section.turn(
        () -> core.lose(new End(End.Cause.SESSION_LOST, code, message, Map.of(), Delivered.MAYBE)));
  }

  void violated(String rule) {
    try {
      Audit.of(Audit.Event.PROTOCOL_VIOLATED)
          .with("peer", peer().service())
          .with("principal", peer().principal())
          .with("address", path().address())
          .with("reason", rule)
          .log();
    } finally {
      String message = peer().service() + " broke the protocol: " + rule;
      section.turn(() -> end(StatusCode.INTERNAL, rule, message));
    }
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
      end(StatusCode.UNAUTHENTICATED, message, message);
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

  /** For the timer, as {@link #tick}. */
  boolean overBudget(Budget budget) {
    String message =
        "the buffers of all sessions hold "
            + budget.used()
            + " bytes, more than the "
            + budget.limit()
            + " allowed, and this one holds most ("
            + heldBytes()
            + "): raise bufferBudget, or send less at a time";
    return section.tryTurn(
        this,
        message,
        (same, session, words) -> session.end(StatusCode.RESOURCE_EXHAUSTED, words, words));
  }

  /** Calls the owner of an exchange that changed. One that throws loses the exchange, no more. */
  void tellReady(Exchange x) {
    try {
      ExchangeOwner owner = x.owner;
      if (owner != null) {
        owner.ready(x);
      } else {
        events.opened(this, x);
      }
    } catch (Throwable t) {
      if (t instanceof OutOfMemoryError && x.end() != null) {
        section.tellAgain(x);
      } else {
        giveUp(x, t);
      }
      Contained.log(Failing.EXCHANGE, t);
    }
  }

  /**
   * Ends an exchange since something was thrown; where that is not possible either, the session.
   * Throws nothing.
   */
  public void giveUp(Exchange x, Throwable t) {
    try {
      if (x.openedByPeer()) {
        String told = "what came in could not be handled: see the service's log";
        fail(x, StatusCode.INTERNAL, told, Map.of(), false);
      } else {
        End end =
            new End(
                End.Cause.FAILED,
                StatusCode.INTERNAL,
                "what came in could not be handled: " + t,
                Map.of(),
                Delivered.MAYBE);
        section.turn(x, end, SessionCore::giveUp);
      }
    } catch (Throwable again) {
      section.abandon(again);
      Contained.log(Failing.EXCHANGE_END, again);
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

  static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
