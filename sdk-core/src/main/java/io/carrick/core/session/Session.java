package io.carrick.core.session;

import io.carrick.CallCancelledException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Limits;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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

  private static final Exchange[] NONE = {};
  private static final CloseReason MOVED = CloseReason.local("the session moved");

  private static final int POLLED = 32;
  private static final int POLLED_BYTES = 64 << 10;
  private static final long HELD_NANOS = 1_000_000L;

  final ReentrantLock lock = new ReentrantLock();
  final SessionRuntime runtime;
  final SessionConfig config;
  final SessionCore core;
  private final SessionEvents events;
  private static final long MOST_REDIAL_NANOS = 60_000_000_000L;

  final PeerIdentity peer;
  private final SessionWriter writer;
  final Resuming resuming;
  final Renewing renewing;
  private final Room room = new Room(this);
  final Reading reading = new Reading(this);
  private final EventQueue notes;
  private final boolean confidential;
  private final @Nullable Binding binding;
  private final boolean initiator;
  private final boolean sameHost;
  private final List<String> advertised;
  private final long redialNanos;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** Among the sessions of the runtime, which sets it once. */
  long place;

  // Serial section only.
  private @Nullable Link link;
  private PeerInfo path;
  SecurityLevel floor;

  private volatile long timerAt;
  private volatile long held = SessionCore.BASE_BYTES;
  private volatile boolean open = true;

  /** When the timer writes what a batch holds; 0 where nothing is held. */
  private long heldUntil;

  private boolean endTold;

  Session(
      Agreed agreed,
      @Nullable Link link,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events) {
    this.link = link;
    this.config = config;
    this.runtime = runtime;
    this.events = events;
    this.peer = agreed.peer();
    this.path = agreed.peer().path();
    this.binding = agreed.binding();
    this.initiator = agreed.initiator();
    this.sameHost = agreed.sameHost();
    this.advertised = agreed.advertised();
    this.redialNanos =
        Math.min(
            agreed.redialNanos(), Math.min(MOST_REDIAL_NANOS, config.resumption().nanos() / 2));
    this.floor = agreed.floor();
    long now = runtime.now();
    this.core = new SessionCore(config, initiator, agreed.limits(), binding != null, now);
    this.writer = new SessionWriter(this, core);
    this.resuming = new Resuming(this, binding, initiator);
    this.renewing = new Renewing(this);
    this.notes = new EventQueue(this, events);
    this.confidential = agreed.token() && !config.tokens().inClear();
    Instant expires = agreed.expires();
    core.tokenLife = expires == null ? null : new TokenLife(Renewing.endsAt(expires, now), now);
    this.timerAt = now;
  }

  /** One that nobody can resume; see {@link SessionRuntime#stranger}. */
  static Session stranger(SessionConfig config, SessionRuntime runtime) {
    SessionKey key =
        SessionKey.derive(Handshake.random(32), Handshake.random(32), "carrick v1 stranger");
    PeerInfo nowhere = new PeerInfo("nowhere", Principal.NONE, SecurityLevel.NONE, false, false);
    PeerIdentity nobody =
        Handshake.identity("", new byte[16], Principal.NONE, List.of(), 1, nowhere);
    return new Session(
        new Agreed(
            false,
            new Limits(1, 0, 0, 0),
            nobody,
            new Binding(Handshake.random(16), Handshake.random(16), config.instance(), key),
            SecurityLevel.NONE,
            false,
            List.of(),
            0,
            false,
            null),
        null,
        config,
        runtime,
        SessionEvents.NONE);
  }

  /** What HELLO and WELCOME agreed; {@code token}: whether HELLO showed one that counts. */
  record Agreed(
      boolean initiator,
      Limits limits,
      PeerIdentity peer,
      @Nullable Binding binding,
      SecurityLevel floor,
      boolean sameHost,
      List<String> advertised,
      long redialNanos,
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
    return new HelloGreeting(connection, config, expectedService, runtime, events).begin();
  }

  /** Shakes hands as the side that listens; {@code started} gets the session once it is open. */
  public static void accept(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      Consumer<Session> started) {
    new DoorGreeting(connection, config, runtime, events, started).begin();
  }

  /** Who is at the other end. */
  public PeerIdentity peer() {
    return peer;
  }

  /** The connection that carries the session, or the last one that did. */
  public PeerInfo path() {
    lock.lock();
    try {
      return path;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a connection carries the session now. */
  public boolean isAttached() {
    lock.lock();
    try {
      return link != null && core.attached();
    } finally {
      lock.unlock();
    }
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
   * again, as the acceptor told; at most 60 s and half of the resume time.
   */
  public long redialNanos() {
    return redialNanos;
  }

  /** The security that every connection of this session must give (R15). */
  public SecurityLevel floor() {
    lock.lock();
    try {
      return floor;
    } finally {
      lock.unlock();
    }
  }

  /** Raises the floor; a lower one than now is ignored. The present connection stays. */
  public void raiseFloor(SecurityLevel level) {
    lock.lock();
    if (level.compareTo(floor) > 0) {
      floor = level;
    }
    lock.unlock();
  }

  /** Tells the peer where else this node listens, that it should move, or that this node goes. */
  public void notice(List<String> endpoints, boolean move, boolean draining) {
    lock.lock();
    if (core.ended() == null) {
      core.out.notice(FrameWriter.notice(endpoints, move, draining));
    }
    leave();
  }

  /** Whether exchanges can be opened. */
  public boolean isOpen() {
    return open;
  }

  /** The round trip of the connection that carries the session. */
  public RoundTrip roundTrip() {
    lock.lock();
    try {
      return new RoundTrip(core.liveness.rtt(), core.liveness.measurements());
    } finally {
      lock.unlock();
    }
  }

  /** Whether the session has ended, for good. */
  public boolean isOver() {
    return over.isDone();
  }

  /** How many exchanges have not ended that end by themselves: all but subscriptions. */
  public int openCalls() {
    lock.lock();
    try {
      return core.livingCalls();
    } finally {
      lock.unlock();
    }
  }

  /** How many of these the peer opened. */
  public int openCallsOfPeer() {
    lock.lock();
    try {
      return core.livingCallsOfPeer();
    } finally {
      lock.unlock();
    }
  }

  /** How many exchanges have not ended. */
  public int openExchanges() {
    lock.lock();
    try {
      return core.livingCount();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens an exchange. An application's thread waits while the limits of F2 are reached.
   *
   * @throws SessionLostException if the session is closing or over; nothing was sent
   * @throws OverloadedException on a thread of Carrick where it would have to wait
   * @throws DeadlineExceededException if there was no room until the deadline
   * @throws CallCancelledException if the waiting thread was interrupted; its interrupt flag is set
   */
  public Exchange open(Opening opening, ExchangeOwner owner) {
    if (tooLong(opening.payload())) {
      throw new OverloadedException(Delivered.NO, tooLarge(opening.payload().length));
    }
    lock.lock();
    Exchange x;
    try {
      room.await(opening);
      x = core.open(opening, owner, runtime.now());
    } catch (Throwable t) {
      lock.unlock();
      throw t;
    }
    leave();
    return x;
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
    lock.lock();
    x.owner = owner;
    lock.unlock();
  }

  /** The next whole message of the inbox, whose credit goes back; null where there is none. */
  public @Nullable InboundMessage poll(Exchange x) {
    lock.lock();
    InboundMessage message = core.poll(x);
    leave();
    return message;
  }

  /** Takes the next whole messages of the inbox, a small batch at most, as {@link #poll} does. */
  public void poll(Exchange x, Collection<? super InboundMessage> into) {
    lock.lock();
    int bytes = 0;
    for (int i = 0; i < POLLED && bytes < POLLED_BYTES; i++) {
      InboundMessage message = core.poll(x);
      if (message == null) {
        break;
      }
      bytes += message.payload().length;
      into.add(message);
    }
    leave();
  }

  /** Asks for more items; n is positive. */
  public void request(Exchange x, long n) {
    lock.lock();
    core.in.demand(x, n);
    leave();
  }

  /** Queues a message of this side; {@code last} ends this side with it. Ignored after the end. */
  public void send(
      Exchange x,
      String topic,
      Headers headers,
      String contentType,
      byte[] payload,
      long missed,
      boolean last) {
    if (tooLong(payload)) {
      refuseTooLarge(x, payload.length);
      return;
    }
    byte[] head = FrameWriter.itemHead(topic, headers, contentType);
    lock.lock();
    core.send(x, head, payload, missed, last);
    leave();
  }

  private void refuseTooLarge(Exchange x, int bytes) {
    if (x.openedByPeer()) {
      fail(x, StatusCode.RESOURCE_EXHAUSTED, tooLarge(bytes), Map.of(), false);
    } else {
      cancel(x, StatusCode.CANCELLED);
      throw new OverloadedException(Delivered.NO, tooLarge(bytes));
    }
  }

  private boolean tooLong(byte[] payload) {
    return payload.length > Math.min(config.maxMessageBytes(), peer.maxMessageBytes());
  }

  private String tooLarge(int bytes) {
    boolean here = bytes > config.maxMessageBytes();
    return "message of "
        + bytes
        + " bytes exceeds the "
        + (here ? config.maxMessageBytes() : peer.maxMessageBytes())
        + (here ? " that this node sends" : " that " + peer.service() + " takes")
        + ": raise maxMessageBytes "
        + (here ? "here" : "there")
        + ", or send a stream of smaller messages";
  }

  /** Tells the opener of a subscription that it was accepted. */
  public void accept(Exchange x) {
    lock.lock();
    core.accept(x);
    leave();
  }

  /** Whether the service has accepted this subscription. */
  public boolean isAccepted(Exchange x) {
    lock.lock();
    try {
      return x.accepted;
    } finally {
      lock.unlock();
    }
  }

  /** Ends this side without a message. */
  public void finish(Exchange x) {
    lock.lock();
    core.finish(x);
    leave();
  }

  /** Ends an exchange that the peer opened by a failure, after the items queued before. */
  public void fail(
      Exchange x,
      StatusCode code,
      String message,
      Map<String, String> details,
      boolean notDelivered) {
    byte[] body = FrameWriter.error(x.id, code.number(), message, details, notDelivered);
    lock.lock();
    core.fail(x, body);
    leave();
  }

  /** Gives up an exchange that this side opened. */
  public void cancel(Exchange x, StatusCode code) {
    lock.lock();
    core.cancel(x, code);
    leave();
  }

  /** How many more items the owner may ask of its publisher now; permission is handed out once. */
  public int supply(Exchange x) {
    lock.lock();
    try {
      return core.out.supply(x);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the peer has said its last and all of it was polled. */
  public boolean inboundDone(Exchange x) {
    lock.lock();
    try {
      return (x.inDone || x.end != null) && x.inboxEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the session in order (F14); completes when it is over. */
  public CompletableFuture<Void> close(String reason) {
    lock.lock();
    open = false;
    core.close(reason, runtime.now());
    leave();
    return over;
  }

  /** Ends the session at once. */
  public void abort(StatusCode code, String message) {
    tellPeer(code, message);
    lose(code, message);
  }

  private void close(Link last, CloseReason reason) {
    lock.lock();
    Link before = last.takeBefore();
    lock.unlock();
    last.close(reason);
    if (before != null) {
      before.close(MOVED);
    }
  }

  /** Says that the session is over and why, where no write is under way. */
  private void tellPeer(StatusCode code, String reason) {
    lock.lock();
    Link to = link;
    boolean mine = to != null && writer.seize();
    lock.unlock();
    if (mine && to != null) {
      to.connection.send(ByteBuffer.wrap(FrameWriter.pathClose(reason, true, code.number())));
      to.connection.flush();
    }
  }

  // Tokens.

  /** Shows the peer another token; no path of the session lets others read it. */
  void showToken(String token) {
    lock.lock();
    if (core.ended() == null) {
      core.out.notice(Renewing.show(token));
    }
    leave();
  }

  /** The token that the session rests on is another one from now on. */
  void renewed(Instant expires) {
    lock.lock();
    TokenLife life = core.tokenLife;
    if (life != null) {
      long now = runtime.now();
      life.renew(Renewing.endsAt(expires, now), now);
    }
    leave();
  }

  // Resuming over another connection.

  /** Why a path cannot carry the session; null where it can. Under the lock. */
  @Nullable String refuses(PeerInfo to) {
    return confidential && !PathRules.confidential(to)
        ? Tokens.inClear(to)
        : PathRules.refuse(peer.path().principal(), floor, to, config.resumption());
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

  /** Makes a connection the one that counts; leaves the serial section. */
  @Nullable Link attach(Link fresh, long peerCum) {
    Link old = link;
    String violation = null;
    try {
      core.attach(peerCum, runtime.now());
      link = fresh;
      if (!initiator) {
        // Closed once the initiator shows that RESUMED arrived: until then it relies on this one.
        Link older = old == null ? null : old.takeBefore();
        fresh.follow(old);
        old = older;
      }
      path = fresh.connection.peer();
      PeerInfo to = path;
      notes.add(() -> events.resumed(this, to));
    } catch (ViolationException e) {
      violation = e.getMessage();
    }
    leave();
    if (old != null) {
      old.close(MOVED);
    }
    if (violation != null) {
      violated(violation);
      return null;
    }
    return fresh;
  }

  // For the receiver, the writer and the timer.

  boolean isInitiator() {
    return initiator;
  }

  @Nullable Link link() {
    return link;
  }

  @Nullable Binding binding() {
    return binding;
  }

  void lose(StatusCode code, String message) {
    lock.lock();
    core.lose(new End(End.Cause.SESSION_LOST, code, message, Map.of(), Delivered.MAYBE));
    leave();
  }

  void violated(String rule) {
    String message = peer.service() + " broke the protocol: " + rule;
    Audit.of(Audit.Event.PROTOCOL_VIOLATED)
        .with("peer", peer.service())
        .with("principal", peer.principal())
        .with("address", path().address())
        .with("reason", rule)
        .log();
    tellPeer(StatusCode.INTERNAL, rule);
    lose(StatusCode.INTERNAL, message);
  }

  long nextTick() {
    return timerAt;
  }

  void tick() {
    lock.lock();
    core.mayGrow(runtime.budget().mayGrow());
    long now = runtime.now();
    core.tick(now);
    if (heldUntil - now <= 0) {
      heldUntil = 0;
    }
    TokenLife life = core.tokenLife;
    boolean expired =
        life != null
            && life.isOver(now)
            && core.ended() == null
            && !(writer.isBusy() && life.defer(now));
    leave();
    if (expired) {
      abort(
          StatusCode.UNAUTHENTICATED,
          "the token of the session has expired: calls begin a new one with a new token");
    }
  }

  long heldBytes() {
    return held;
  }

  /** How much would be lost with it. */
  Nobodies.Standing standing() {
    lock.lock();
    try {
      return new Nobodies.Standing(
          core.livingCount() > 0, link != null && core.attached(), core.usedAt());
    } finally {
      lock.unlock();
    }
  }

  void overBudget(Budget budget) {
    abort(
        StatusCode.RESOURCE_EXHAUSTED,
        "the buffers of all sessions hold "
            + budget.used()
            + " bytes, more than the "
            + budget.limit()
            + " allowed, and this one holds most ("
            + held
            + "): raise bufferBudget, or send less at a time");
  }

  /** Leaves the serial section: writes what is due, and calls the owners of what changed. */
  void leave() {
    boolean write = !isReading() && writer.isDue();
    if (write && WriteBatch.holds(this)) {
      write = false;
      if (heldUntil == 0) {
        heldUntil = (runtime.now() + HELD_NANOS) | 1;
      }
    }
    leave(write && claim());
  }

  private boolean claim() {
    heldUntil = 0;
    return writer.claim();
  }

  /** Writes what a batch has held. */
  void flush() {
    lock.lock();
    leave(!isReading() && claim());
  }

  private boolean isReading() {
    return link != null && link.reading;
  }

  private void leave(boolean write) {
    Link broken = takeBroken();
    Exchange ready = core.takeReady();
    Exchange[] others = detach(ready);
    End end = core.ended();
    boolean tellEnd = end != null && !endTold;
    endTold |= tellEnd;
    notes.collect();
    if (tellEnd && end != null) {
      notes.add(() -> tellEnd(end));
    }
    boolean tell = notes.claim();
    if (end != null) {
      open = false;
    } else if (core.state() != SessionCore.State.OPEN || core.peerDraining()) {
      open = false;
    }
    room.changed();
    account(end != null);
    long at = core.nextTick();
    if (heldUntil != 0 && heldUntil - at < 0) {
      at = heldUntil;
    }
    timerAt = at;
    lock.unlock();
    runtime.wakeAt(at);
    if (write) {
      writer.run();
    }
    if (broken != null) {
      close(broken, CloseReason.local("the connection broke"));
    }
    if (tell) {
      notes.tell();
    }
    if (ready != null) {
      tellReady(ready);
      for (Exchange other : others) {
        tellReady(other);
      }
    }
  }

  /** The connection that the session has given up in this turn. */
  private @Nullable Link takeBroken() {
    Link present = link;
    if (present == null || core.attached() || core.ended() != null) {
      return null;
    }
    link = null;
    String why = core.brokenBy();
    notes.add(() -> events.suspended(this, why));
    return present;
  }

  /**
   * Those behind the first one. They leave the chain here, inside the section, because each may be
   * ready again before its owner was called.
   */
  private static Exchange[] detach(@Nullable Exchange first) {
    if (first == null) {
      return NONE;
    }
    first.readyQueued = false;
    int count = 0;
    for (Exchange x = first.nextReady; x != null; x = x.nextReady) {
      x.readyQueued = false;
      count++;
    }
    if (count == 0) {
      return NONE;
    }
    Exchange[] others = new Exchange[count];
    Exchange x = first.nextReady;
    for (int i = 0; x != null; i++) {
      others[i] = x;
      x = x.nextReady;
    }
    return others;
  }

  void tellReady(Exchange x) {
    ExchangeOwner owner = x.owner;
    if (owner != null) {
      owner.ready(x);
    } else {
      events.opened(this, x);
    }
  }

  private void account(boolean end) {
    long now = end ? 0 : core.heldBytes();
    long difference = now - held;
    if (end ? difference != 0 : Math.abs(difference) >= 4096) {
      held = now;
      runtime.budget().add(difference);
    }
  }

  private void tellEnd(End end) {
    runtime.remove(this);
    lock.lock();
    Link last = link;
    link = null;
    lock.unlock();
    if (last != null) {
      close(last, CloseReason.local(end.message()));
    }
    try {
      events.ended(this, end);
    } finally {
      over.complete(null);
    }
  }

  /**
   * The writer, inside the serial section, has nothing left: the end of the session may have come.
   */
  void written(long now) {
    core.written(now);
    leave(false);
  }

  static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
