package io.carrick.core.session.state;

import static io.carrick.StatusCode.UNAUTHENTICATED;

import io.carrick.Delivered;
import io.carrick.OverloadedException;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.ReceiveLimits;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The session as a pure state machine: no thread, no clock, no I/O, no user code. Every method
 * belongs to the serial section (F13) and is given the time. What the outside must do is left as
 * state to be collected: exchanges whose owners must be called ({@link #takeReady}), frames to
 * write ({@link #out}), an acknowledgement that is owed, the end of the session.
 */
public final class SessionCore {

  /** Where the session is in its life. */
  public enum State {
    OPEN,
    /** Closing here: open exchanges may still end. */
    CLOSING,
    /** Our FIN is queued or sent. */
    FINISHING,
    /** Over. */
    ENDED
  }

  final SessionConfig config;
  public final Outbound out;
  public final Inbound in;
  public PathLiveness liveness;
  private final ReceiveLimits peerLimits;
  private final boolean initiator;
  private final FrameDispatcher dispatcher;
  public final LivingExchanges living = new LivingExchanges();
  public final Acknowledgement ack;

  /** What a session costs beside its buffers, connected or not: about as much (F15). */
  public static final int BASE_BYTES = 8 << 10;

  /** What an exchange costs beside its messages: about as much (F15). */
  static final int EXCHANGE_BYTES = 512;

  /** R12: a session that never opened an exchange waits 10 s for another connection. */
  private static final long UNUSED_NANOS = 10_000_000_000L;

  private static final Set<Rule> NONE = EnumSet.noneOf(Rule.class);

  private static final End ABANDONED =
      new End(
          End.Cause.SESSION_LOST,
          StatusCode.RESOURCE_EXHAUSTED,
          "the node had no memory left to end the session in order",
          Map.of(),
          Delivered.MAYBE);

  private static final int MOST_REFUSALS = 3;

  /** Empty but in simulations that show what a rule is for. */
  public Set<Rule> without = NONE;

  private State state = State.OPEN;
  private @Nullable Exchange readyFirst;
  private @Nullable Exchange readyLast;
  private boolean mayGrow = true;

  private long lastMine;
  private long usedAt;
  private long closeDeadline;
  private boolean peerFinished;
  private boolean peerDraining;
  private String closeMessage = "";
  private @Nullable End ended;

  private final boolean resumable;
  private boolean attached = true;
  private String brokenBy = "";
  private int refusals; // In a row, and nothing was acknowledged between them.
  private long ackedWhenRefused = -1;

  /** Why the last round of attempts gave no connection; empty where there was none. */
  private String unreachable = "";

  private long resumeDeadline;
  private String suspect = "";
  private final Notices notices = new Notices();

  /** Of the token that the session rests on; null where it rests on none. */
  public @Nullable TokenLife tokenLife;

  public SessionCore(
      SessionConfig config,
      boolean initiator,
      ReceiveLimits peerLimits,
      boolean resumable,
      long now) {
    this.config = config;
    this.resumable = resumable && config.resumption().nanos() > 0;
    this.initiator = initiator;
    this.peerLimits = peerLimits;
    this.usedAt = now;
    this.out = new Outbound(this, config, initiator, peerLimits.calls(), peerLimits.streams());
    this.in = new Inbound(this, config);
    this.liveness = new PathLiveness(now);
    this.ack = new Acknowledgement(config);
    this.dispatcher = new FrameDispatcher(this, initiator, peerLimits.initialBytes(), now);
  }

  /** Whether a rule holds. */
  public boolean has(Rule rule) {
    return !without.contains(rule);
  }

  /** The security that a call needs which this side has opened; NONE where none does. */
  public SecurityLevel needed() {
    return living.security();
  }

  // What callers do.

  /**
   * Opens an exchange.
   *
   * @throws OverloadedException if there is no memory for it; nothing was changed then
   */
  public Exchange open(Opening opening, ExchangeOwner owner, long now) {
    Exchange x;
    OutMessage message;
    try {
      x = prepare(opening);
      message = OutMessage.open(openHead(opening, x), opening.payload());
    } catch (OutOfMemoryError e) {
      throw new OverloadedException(Delivered.NO, "no memory for a call: " + e.getMessage());
    }
    usedAt = now;
    x.owner = owner;
    if (opening.timeoutNanos() > 0) {
      living.setDeadline(x, now + opening.timeoutNanos(), now);
    }
    living.add(x);
    out.open(x, message);
    return x;
  }

  private Exchange prepare(Opening opening) {
    Exchange x = new Exchange(true, opening.kind(), opening.priority(), null);
    x.security = opening.security();
    x.bytesAllowed = peerLimits.initialBytes();
    in.begin(x, opening.kind().oneShot() ? 1 : opening.items());
    return x;
  }

  private static byte[] openHead(Opening opening, Exchange x) {
    return FrameWriter.openHead(
        opening.kind(),
        opening.topic(),
        opening.timeoutNanos() == 0 ? 0 : Math.max(1, opening.timeoutNanos() / 1_000_000),
        opening.priority(),
        opening.kind().oneShot() ? 0 : x.itemsGranted,
        opening.headers(),
        opening.contentType(),
        opening.overflow(),
        opening.accept(),
        opening.encoding());
  }

  /** Queues one message of this side; the last one ends this side. */
  public void send(Exchange x, OutMessage message) {
    if (x.end != null || x.outDone) {
      return;
    }
    x.itemsQueued++;
    x.outDone = message.last;
    out.enqueue(x, message);
  }

  public void finish(Exchange x) {
    if (x.end == null && !x.outDone) {
      x.outDone = true;
      out.enqueue(x, OutMessage.bare(true));
    }
  }

  public void accept(Exchange x) {
    if (x.end == null && !x.outDone) {
      out.enqueue(x, OutMessage.bare(false));
    }
  }

  public void fail(Exchange x, byte[] errorBody) {
    if (x.end == null && !x.outDone) {
      x.outDone = true;
      out.enqueue(x, OutMessage.error(errorBody));
    }
  }

  public void cancel(Exchange x, StatusCode code) {
    cancel(x, code, "");
  }

  private void cancel(Exchange x, StatusCode code, String why) {
    if (x.end == null) {
      Delivered delivered = x.id == 0 ? Delivered.NO : Delivered.MAYBE;
      End.Cause cause =
          code == StatusCode.DEADLINE_EXCEEDED ? End.Cause.EXPIRED : End.Cause.CANCELLED;
      cancelLocally(x, code, new End(cause, code, why, Map.of(), delivered));
    }
  }

  /** This side opened the exchange, and can do no more with it. */
  public void giveUp(Exchange x, End end) {
    if (x.end == null) {
      cancelLocally(x, StatusCode.CANCELLED, end);
    }
  }

  /** The opener's side ends an exchange before the responder does. */
  void cancelLocally(Exchange x, StatusCode code, End end) {
    out.cancel(x, code.number());
    end(x, end, false);
  }

  public @Nullable InboundMessage poll(Exchange x) {
    InboundMessage message = x.pollInbox();
    if (message != null) {
      boolean given = false;
      try {
        in.taken(x, message);
        given = true;
      } finally {
        if (!given) {
          // It is lost, and what is behind it with it: else the owner would see a gap.
          in.drop(x, false);
        }
      }
    }
    return message;
  }

  public void close(String message, long now) {
    if (state == State.OPEN) {
      state = State.CLOSING;
      closeMessage = message;
      closeDeadline = now + config.closeNanos();
      // A subscription never ends by itself: to wait for it would be in vain.
      for (Exchange x : living.all()) {
        if (x.kind == Kind.SUBSCRIBE) {
          giveUp(x);
        }
      }
      progressClose(now);
    }
  }

  // What the outside collects.

  public State state() {
    return state;
  }

  public @Nullable End ended() {
    return ended;
  }

  /** The highest number of an exchange that this side opened. */
  public long lastMine() {
    return lastMine;
  }

  /** When either side opened an exchange last, or the session began. */
  public long usedAt() {
    return usedAt;
  }

  /** The peer opened one. */
  void used(long now) {
    usedAt = now;
  }

  /** The highest number of an exchange that the peer opened. */
  public long lastTheirs() {
    return dispatcher.lastTheirs();
  }

  public int livingCount() {
    return living.count();
  }

  public int livingCalls() {
    int calls = 0;
    for (Exchange x : living.all()) {
      calls += x.kind == Kind.SUBSCRIBE ? 0 : 1;
    }
    return calls;
  }

  public int livingCallsOfPeer() {
    int calls = 0;
    for (Exchange x : living.all()) {
      calls += x.mine || x.kind == Kind.SUBSCRIBE ? 0 : 1;
    }
    return calls;
  }

  public boolean peerDraining() {
    return peerDraining;
  }

  /** Whether a connection carries the session. */
  public boolean attached() {
    return attached;
  }

  /** Why there is none. */
  public String brokenBy() {
    return brokenBy;
  }

  /** Why the path is suspect (F11), once; empty where it is not. */
  public String takeSuspect() {
    String why = suspect;
    suspect = "";
    return why;
  }

  public Notices notices() {
    return notices;
  }

  boolean mayGrow() {
    return mayGrow;
  }

  public void mayGrow(boolean value) {
    mayGrow = value;
  }

  public long heldBytes() {
    return BASE_BYTES
        + (long) living.count() * EXCHANGE_BYTES
        + out.ring.capacity()
        + out.queuedBytes
        + in.openingBytes
        + in.inboxBytes
        + in.partBytes;
  }

  /** Says something once. */
  public void notice(byte[] body) {
    if (ended == null) {
      out.notice(body);
    }
  }

  /** The first of those that {@link #takeReady} would take. */
  public @Nullable Exchange firstReady() {
    return readyFirst;
  }

  /** Takes the first one alone. */
  public void removeFirstReady() {
    Exchange first = readyFirst;
    if (first != null) {
      first.readyQueued = false;
      readyFirst = first.nextReady;
      if (readyFirst == null) {
        readyLast = null;
      }
    }
  }

  /** The exchanges whose owners must be called, linked by {@code nextReady}. */
  public @Nullable Exchange takeReady() {
    Exchange first = readyFirst;
    readyFirst = null;
    readyLast = null;
    return first;
  }

  public void ready(Exchange x) {
    if (!x.readyQueued) {
      x.readyQueued = true;
      x.nextReady = null;
      Exchange last = readyLast;
      if (last == null) {
        readyFirst = x;
      } else {
        last.nextReady = x;
      }
      readyLast = x;
    }
  }

  public boolean mustWrite() {
    return ack.mustWrite() || liveness.pingOwed() || out.hasUnsent();
  }

  /** Adds what is not sequenced and due to a write; an ACK rides on any write. */
  public void unsequenced(List<byte[]> frames, boolean writing, long now) {
    ack.collect(frames, writing);
    if (writing) {
      liveness.writing(now);
    }
    if (liveness.pingOwed()) {
      long sent = has(Rule.SENT_IN_PING) ? out.ring.handedSeq() : 0;
      frames.add(FrameWriter.ping(liveness.ping(now), sent));
    }
  }

  /** When {@link #tick} has something to do next. */
  public long nextTick() {
    long at = attached ? ack.nextTick(liveness.nextTick(out.ring.usedBytes() > 0)) : resumeDeadline;
    if (living.hasDeadlines()) {
      at = min(at, living.nextCheck());
    }
    if (state == State.CLOSING || state == State.FINISHING) {
      at = min(at, closeDeadline);
    }
    TokenLife life = tokenLife;
    return life == null ? at : min(at, life.nextTick());
  }

  private static long min(long a, long b) {
    return b - a < 0 ? b : a;
  }

  public void tick(long now) {
    if (has(Rule.TIMELY_ACK)) {
      ack.tick(now);
    }
    TokenLife life = tokenLife;
    if (life != null && life.asks(now) && state == State.OPEN) {
      out.notice(FrameWriter.notice(List.of(), false, false, "", true));
    }
    for (Exchange x : living.expired(now)) {
      cancel(x, StatusCode.DEADLINE_EXCEEDED, attached ? "" : detached());
    }
    if (attached) {
      if (has(Rule.LIVENESS)) {
        watchPath(now);
      }
    } else if (now - resumeDeadline >= 0) {
      lose(lost("no connection resumed the session in time after: " + brokenBy));
    }
    if (ended == null) {
      progressClose(now);
      out.ring.trim();
    }
  }

  private void watchPath(long now) {
    switch (liveness.tick(now, out.ring.usedBytes() > 0)) {
      case SUSPECT -> suspect = "silent for two waits";
      case DEAD -> breakPath("the peer did not answer three pings", now);
      case FINE -> {}
    }
  }

  // Connections.

  /** The connection is gone; the session waits for another one (R12), or ends with it (R5). */
  public void breakPath(String reason, long now) {
    if (!attached || state == State.ENDED) {
      return;
    }
    attached = false;
    suspect = "";
    brokenBy = closeMessage.isEmpty() ? reason : closeMessage + " (" + reason + ")";
    boolean done = state == State.FINISHING && peerFinished && out.ring.usedBytes() == 0;
    if (!resumable || done) {
      lose(lost(reason));
      return;
    }
    // A session that was never used is not worth waiting for.
    long wait = config.resumption().nanos();
    boolean used = lastMine > 0 || lastTheirs() > 0 || living.count() > 0;
    resumeDeadline = now + (used ? wait : Math.min(wait, UNUSED_NANOS));
    progressClose(now);
  }

  /** The other side closed the connection for what was sent, which a replay sends again (R5). */
  public void refusePath(String reason, long now) {
    if (attached && state != State.ENDED) {
      refusals = out.ring.acked() > ackedWhenRefused ? 1 : refusals + 1;
      ackedWhenRefused = out.ring.acked();
      if (refusals == MOST_REFUSALS) {
        attached = false;
        lose(lost("what it sent was refused " + refusals + " times in a row: " + reason));
      } else {
        breakPath(reason, now);
      }
    }
  }

  /**
   * The session opens nothing more and is kept for what it holds: what has no seq is given back, as
   * not delivered. What may be made twice, and subscriptions, need not wait for this session.
   *
   * @return the owners that make their calls elsewhere, in the order in which they made them here
   */
  public List<ExchangeOwner> withdraw(String why) {
    End unsent =
        new End(End.Cause.SESSION_LOST, StatusCode.UNAVAILABLE, why, Map.of(), Delivered.NO);
    End unknown = lost(why);
    List<ExchangeOwner> elsewhere = new ArrayList<>();
    List<Exchange> all = living.all();
    for (int i = all.size() - 1; i >= 0; i--) { // The oldest is last.
      Exchange x = all.get(i);
      ExchangeOwner owner = x.owner;
      if (!x.mine || owner == null || x.end != null) {
        continue;
      }
      if (x.id == 0 && owner.canGoElsewhere()) {
        out.drop(x);
        end(x, new End(End.Cause.WITHDRAWN, unsent.code(), why, Map.of(), Delivered.NO), false);
        elsewhere.add(owner);
      } else if (x.id == 0) {
        out.drop(x);
        end(x, unsent, false);
      } else if (x.kind == Kind.SUBSCRIBE || owner.canBeRepeated()) {
        giveUp(x, unknown);
      }
    }
    return elsewhere;
  }

  /**
   * A round of attempts to resume gave no connection: those calls end that have no seq and whose
   * owners do not wait for one.
   */
  public void attemptsFailed(String why) {
    if (attached || ended != null) {
      return;
    }
    unreachable = why;
    for (Exchange x : living.all()) {
      ExchangeOwner owner = x.owner;
      if (x.mine && x.id == 0 && owner != null && !owner.waitForReady()) {
        giveUp(
            x,
            new End(
                End.Cause.UNREACHABLE, StatusCode.UNAVAILABLE, detached(), Map.of(), Delivered.NO));
      }
    }
  }

  /** Why no connection can be had; empty where one may come. */
  public String unreachable() {
    return unreachable.isEmpty() ? "" : detached();
  }

  private String detached() {
    return "no connection carries the session (it broke: "
        + brokenBy
        + (unreachable.isEmpty() ? ")" : "); the last attempts: " + unreachable);
  }

  private static End lost(String reason) {
    return new End(
        End.Cause.SESSION_LOST, StatusCode.UNAVAILABLE, reason, Map.of(), Delivered.MAYBE);
  }

  /**
   * Another connection carries the session from now on (F12): what the peer has is pruned, and the
   * rest goes again from the lowest seq on, before any new frame (R8).
   *
   * @param peerCum what the peer said it has; older than what it acknowledged since where it said
   *     so before the switch
   */
  public void attach(long peerCum, long now) throws ViolationException {
    if (peerCum >= out.ring.nextSeq()) {
      throw new ViolationException(
          "resumed after " + peerCum + ", and the highest sent is " + (out.ring.nextSeq() - 1));
    }
    attached = true;
    brokenBy = "";
    unreachable = "";
    closeMessage = state == State.OPEN ? "" : closeMessage;
    suspect = "";
    out.acknowledged(peerCum, now);
    if (has(Rule.REPLAY)) {
      out.ring.rewind();
    }
    ack.restart();
    dispatcher.connected();
    liveness = new PathLiveness(now);
  }

  // What the connection brings.

  public void onFrame(FrameParser frame, int size, long now)
      throws ViolationException, MalformedFrameException {
    dispatcher.accept(frame, size, now);
    if (state != State.OPEN || peerFinished) {
      progressClose(now);
    }
  }

  /** The connection took what was due: the end of the session may have come. */
  public void written(long now) {
    if (state == State.FINISHING) {
      progressClose(now);
    }
  }

  /** The peer said its last; whether for the first time. */
  boolean peerFinished(String message) {
    boolean first = !peerFinished;
    peerFinished = true;
    if (state == State.OPEN || state == State.CLOSING) {
      String reason = message.isEmpty() ? "the peer closed the session" : message;
      closeMessage = reason;
      endAll(StatusCode.UNAVAILABLE, reason);
    }
    return first;
  }

  void noticed(FrameParser f) throws ViolationException, MalformedFrameException {
    String token = f.newToken();
    TokenLife life = tokenLife;
    if (!token.isEmpty() && (life == null || !life.answered())) {
      throw new ViolationException("NOTICE with a token that nobody asked for");
    }
    peerDraining |= f.draining();
    notices.add(new Notices.Said(f.endpoints(), f.move(), f.draining(), token, f.tokenWanted()));
  }

  /** The peer says why it is about to close the connection, and whether the session is over. */
  void closing(String reason, boolean over, int code) {
    closeMessage = reason;
    if (over) {
      End end = lost("the peer ended the session");
      StatusCode said = StatusCode.of(code);
      boolean tells = said == UNAUTHENTICATED || said == StatusCode.RESOURCE_EXHAUSTED;
      lose(tells ? end.with(said) : end);
    }
  }

  // Ends.

  /** The ITEM(last), ERROR or half-close of this side has its seq. */
  void sentLast(Exchange x) {
    if (!x.mine) {
      end(x, new End(End.Cause.COMPLETED, StatusCode.OK, "", Map.of(), Delivered.YES), false);
    }
  }

  void numbered(Exchange x) {
    lastMine = x.id;
    living.numbered(x);
  }

  /** Refuses a message of what the peer opened; delivered was only what was announced before. */
  void failNow(Exchange x, StatusCode code, String message) {
    fail(x, FrameWriter.error(x.id, code.number(), message, Map.of(), !x.announced));
    x.inDone = true;
    in.drop(x, false);
  }

  void end(Exchange x, End end, boolean keepInbox) {
    if (x.end != null) {
      return;
    }
    x.end = end;
    // First, since what follows may find no memory: its owner must hear of the end all the same.
    if (x.mine || x.announced) {
      ready(x);
    }
    if (!x.inDone) {
      dispatcher.endedHere(x);
    }
    in.drop(x, keepInbox);
    out.ended(x);
    living.remove(x);
    if (!x.mine) {
      in.openingBytes -= x.incoming().heldBytes();
      ack.ended(x.kind.oneShot());
    }
  }

  /** The connection is gone, and with it the session (R5): every exchange ends truthfully (F9). */
  public void lose(End reason) {
    if (state == State.ENDED) {
      return;
    }
    boolean orderly = state == State.FINISHING;
    state = State.ENDED;
    String message =
        closeMessage.isEmpty() ? reason.message() : closeMessage + " (" + reason.message() + ")";
    ended =
        orderly
            ? new End(End.Cause.COMPLETED, StatusCode.OK, closeMessage, Map.of(), Delivered.YES)
            : new End(reason.cause(), reason.code(), message, Map.of(), Delivered.MAYBE);
    endAll(reason.code() == StatusCode.OK ? StatusCode.UNAVAILABLE : reason.code(), message);
  }

  /**
   * The last resort, where even the end of the session failed: ends all, whatever the state is, and
   * needs no memory.
   */
  public void abandon() {
    state = State.ENDED;
    if (ended == null) {
      ended = ABANDONED;
    }
    for (Exchange x = living.first(); x != null; x = x.next) {
      if (x.end == null) {
        x.end = ABANDONED;
        ready(x);
      }
      x.relieve();
    }
  }

  private void endAll(StatusCode code, String message) {
    for (Exchange x : living.all()) {
      boolean unsent = x.mine && (x.id == 0 || !has(Rule.TRUTHFUL_ENDS));
      Delivered delivered = unsent ? Delivered.NO : Delivered.MAYBE;
      out.drop(x);
      end(x, new End(End.Cause.SESSION_LOST, code, message, Map.of(), delivered), true);
    }
  }

  /** Ends an exchange because this side closes. */
  private void giveUp(Exchange x) {
    if (x.mine) {
      cancel(x, StatusCode.CANCELLED);
      return;
    }
    out.drop(x);
    x.outDone = false;
    x.givenUp = true;
    fail(
        x,
        FrameWriter.error(
            x.id,
            StatusCode.UNAVAILABLE.number(),
            config.service() + " closed before the call ended",
            Map.of(),
            !x.announced));
  }

  private void progressClose(long now) {
    if (state == State.OPEN && peerFinished) {
      state = State.CLOSING;
      closeDeadline = now;
    }
    if (state == State.CLOSING && (living.count() == 0 || now - closeDeadline >= 0)) {
      living.all().forEach(this::giveUp);
      if (!attached && (initiator || out.ring.usedBytes() == 0)) {
        lose(lost("closed without a connection"));
        return;
      }
      out.fin(FrameWriter.fin(0, closeMessage));
      state = State.FINISHING;
      closeDeadline = now + config.closeNanos();
    }
    if (state == State.FINISHING) {
      boolean sent = !out.hasUnsent();
      boolean both = sent && out.ring.usedBytes() == 0 && peerFinished && !ack.isOwed();
      if (both || (sent && !has(Rule.ACKNOWLEDGED_END)) || now - closeDeadline >= 0) {
        lose(
            new End(
                End.Cause.COMPLETED, StatusCode.OK, "closed in order", Map.of(), Delivered.YES));
      } else if (peerFinished) {
        ack.hurry();
      }
    }
  }
}
