package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.OpenGrant;
import io.carrick.core.session.state.SessionCore;
import io.carrick.spi.PeerInfo;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * One side of one session, as the messenger above it would be: it dials again, makes calls and
 * serves those of the peer.
 */
final class SimSide implements SessionEvents {

  private static final long ATTEMPT_NANOS = 2_000 * SimWorld.MILLI;

  /** The delay of F10, two ways of the network, threads that stand still, and the timer. */
  private static final long ACK_NANOS = 100 * SimWorld.MILLI;

  final SimLife life;
  final SimWorld world;
  final SimNode node;
  final List<SimCaller> callers = new ArrayList<>();
  final List<SimServer> stuck = new ArrayList<>();
  final Map<Priority, Long> lastOfLane = new EnumMap<>(Priority.class);
  SimSide peer;
  Session session;
  End ended;

  private boolean dialling;
  private SimEnd trying;
  private SimEnd carrier;
  private boolean hearing;
  private boolean unheard;
  private boolean fallen;

  /** Another session takes what comes, and this one may end with what it holds. */
  boolean aside;

  private long acked;
  private long waitedSince;

  SimSide(SimLife life, SimNode node) {
    this.life = life;
    this.world = life.world;
    this.node = node;
  }

  void began(Session begun) {
    session = begun;
    node.sides.add(this);
    begun.core.without = world.rules();
  }

  boolean holdsLock() {
    return session.section.lock.isHeldByCurrentThread();
  }

  boolean isCarriedBy(SimEnd end) {
    Link link = session.path.link();
    return link != null && link.connection == end;
  }

  boolean lives() {
    return session != null && !node.dead && ended == null;
  }

  // The first connection, and others.

  /** Begins the session. */
  void greet() {
    SimEnd end = connect(life.server());
    carrier = end;
    Session.initiate(end, node.config, "", node.runtime, this)
        .whenComplete(
            (begun, failure) -> {
              if (failure == null) {
                began(begun);
              } else {
                world.hit("no handshake");
                life.openSoon(this);
              }
            });
    giveUpLater(end);
  }

  private SimEnd connect(SimNode to) {
    SimEnd end = SimEnd.connect(node, to, SecurityLevel.MUTUAL);
    life.accept(this, to, end.other);
    return end;
  }

  private void giveUpLater(SimEnd end) {
    if (world.has(SimFault.KILL_RESUME) && world.oneIn(4)) {
      world.at(world.some(8 * SimWorld.MILLI), end::kill);
    }
    node.at(ATTEMPT_NANOS, () -> giveUp(end));
  }

  private void giveUp(SimEnd end) {
    if (trying == end || (session == null && carrier == end)) {
      end.breakHere();
    }
  }

  /** The connection that carries the session, as the initiator sees it. */
  SimEnd carrier() {
    return carrier;
  }

  private void redial() {
    if (node.initiator && !dialling && lives() && !session.isAttached()) {
      dialling = true;
      node.at(
          world.some(20 * SimWorld.MILLI),
          () -> {
            dialling = false;
            if (lives() && !session.isAttached()) {
              dial("resume");
              redial();
            }
          });
    }
  }

  /** One attempt at a time (R6). */
  void dial(String why) {
    if (!node.initiator || trying != null || !lives()) {
      return;
    }
    if (world.has(SimFault.REFUSED) && world.oneIn(3)) {
      world.hit("refused");
      return;
    }
    boolean wrong = world.has(SimFault.WRONG_DOOR) && world.oneIn(5);
    boolean weak = !wrong && world.has(SimFault.WEAK_PATH) && world.oneIn(4);
    boolean nobody = !wrong && !weak && world.has(SimFault.NOBODY_PATH) && world.oneIn(4);
    SimEnd end;
    if (nobody) {
      end = SimEnd.connectAsNobody(node, life.server());
      life.accept(this, life.server(), end.other);
    } else if (weak) {
      end = SimEnd.connect(node, life.server(), SecurityLevel.NONE);
      life.accept(this, life.server(), end.other);
    } else {
      end = connect(wrong ? life.decoy() : life.server());
      end.lateProof = world.has(SimFault.LATE_PROOF) && world.oneIn(3);
    }
    world.hit("dial: " + why);
    trying = end;
    boolean own = !wrong || world.flaws.contains(SimFlaw.WRONG_DOOR_ENDS);
    session
        .resume(end, own)
        .whenComplete(
            (done, failure) -> {
              trying = null;
              if (failure == null) {
                carrier = end;
              } else {
                failed(failure);
              }
            });
    giveUpLater(end);
  }

  private void failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (!(cause instanceof ResumeException e)) {
      throw world.failed("an attempt failed by " + cause, cause);
    }
    world.hit("attempt: " + e.reason());
    if (e.reason() == ResumeException.Reason.WRONG_DOOR
        && world.has(SimFault.PUT_ASIDE)
        && !session.isAttached()
        && session.isOpen()
        && world.oneIn(3)) {
      putAside();
    }
    redial();
  }

  /** As the messenger does: what it holds may still end, and then it goes. */
  private void putAside() {
    world.hit("put aside");
    aside = true;
    for (ExchangeOwner owner : session.putAside("the test says so")) {
      world.check(callers.contains((SimCaller) owner), "a call of somebody else is given back");
    }
    world.check(!session.isOpen(), "it takes calls");
    world.check(
        session.core.living.all().stream().noneMatch(x -> x.mine && x.id == 0),
        "a call without a seq is left in a session that was put aside");
    life.openBeside(this);
    leaveWhenDone();
  }

  private void leaveWhenDone() {
    node.at(
        100 * SimWorld.MILLI,
        () -> {
          if (lives() && session.openExchanges() == 0) {
            session.close("its calls have ended");
          } else if (lives()) {
            leaveWhenDone();
          }
        });
  }

  // What the session tells.

  @Override
  public void opened(Session from, Exchange exchange) {
    node.checkOutside();
    if (!node.dead) {
      SimServer server = new SimServer(this, from, exchange);
      from.exchanges().adopt(exchange, server);
      server.ready(exchange);
      world.mayThrow(SimFault.BAD_CALLBACK, 100);
    }
  }

  @Override
  public void suspended(Session from, String reason) {
    redial();
    heard("suspended");
  }

  @Override
  public void suspect(Session from, String reason) {
    dial("suspect");
    heard("suspect");
  }

  @Override
  public void resumed(Session from, PeerInfo path) {
    world.changes += node.initiator ? 1 : 0;
    fallen |= path.principal().equals(Principal.NONE);
    checkRights();
    heard("resumed");
  }

  /** Rights may fall where nobody relies on them, and never rise again. */
  private void checkRights() {
    Principal principal = session.peer().principal();
    world.check(!fallen || principal.equals(Principal.NONE), "rights rose to " + principal);
    world.check(!fallen || !node.relies, "rights fell where somebody relies on them");
    if (fallen) {
      world.hit("rights fell");
    }
  }

  @Override
  public void ended(Session from, End reason) {
    world.check(ended == null || unheard, "a session ended twice");
    if (ended == null) {
      ended = reason;
      life.ended(this);
    }
    heard("session ended " + reason.cause());
  }

  /** What was done is told in order, one at a time, outside of the section. */
  private void heard(String what) {
    node.checkOutside();
    world.check(!hearing, what + " was told beside another event");
    hearing = true;
    world.hit(what);
    world.stand();
    hearing = false;
    // Where there was no memory to hear it, it is told again.
    unheard = true;
    world.mayThrow(SimFault.BAD_CALLBACK, 50);
    unheard = false;
  }

  // What is done with it.

  void call() {
    if (lives() && session.isOpen()) {
      SimCaller caller = new SimCaller(this, world.nextTag());
      if (caller.open()) {
        callers.add(caller);
      }
    }
  }

  void close() {
    if (lives()) {
      world.hit("close");
      session.close("the test closes");
    }
  }

  void release() {
    List<SimServer> all = new ArrayList<>(stuck);
    stuck.clear();
    all.forEach(SimServer::answer);
  }

  /** What holds after each step. */
  void checkBounds() {
    if (!lives()) {
      return;
    }
    SessionCore core = session.core;
    int used = core.out.ring.usedBytes();
    world.check(used <= node.config.replayBytes(), "replay buffer beyond its bound");
    world.check(
        core.in.reservedBytes() <= 4L * node.config.maxMessageBytes(), "granted beyond the budget");
    world.check(core.out.waitingCalls <= node.config.waitingCalls(), "too many calls wait");
    if (!core.out.ring.hasRoom(16 << 10)) {
      world.hit("full buffer");
    }
    // F10: where nothing goes wrong, nothing waits long for its ACK.
    boolean waits = used > 0 && core.state() == SessionCore.State.OPEN;
    if (!waits || waitedSince == 0 || core.out.ring.acked() != acked) {
      acked = core.out.ring.acked();
      waitedSince = waits ? world.now() : 0;
    }
    world.check(
        !world.faults.isEmpty() || !waits || world.now() - waitedSince < ACK_NANOS,
        "nothing was acknowledged for " + ACK_NANOS / SimWorld.MILLI + " ms");
  }

  /** Nothing is open, nothing waits, nothing is held: every counter says so. */
  void checkAccounts() {
    for (SimCaller caller : callers) {
      world.check(caller.end != null, caller + " never ended");
      caller.checkNeverServed();
    }
    SessionCore core = session.core;
    account(ended == null ? core.livingCount() : 0, "exchanges live");
    account(core.out.waitingCalls, "calls wait");
    account(core.out.waitingBytes, "bytes of calls wait");
    account(core.out.queuedBytes, "bytes are queued");
    account(core.in.partBytes, "bytes of parts are left");
    account(core.in.inboxBytes, "bytes are in inboxes");
    account(core.in.reservedBytes(), "bytes are reserved for long messages");
    account(ended == null && core.living.hasDeadlines() ? 1 : 0, "or more deadlines are watched");
    if (ended == null && session.isAttached()) {
      account(core.out.ring.usedBytes(), "bytes were not acknowledged");
    }
  }

  /**
   * Whether all places of a sort that the peer may have are taken by handlers that never return.
   */
  boolean placesAreHeld(boolean oneShot) {
    OpenGrant grant = oneShot ? session.core.ack.calls : session.core.ack.streams;
    long held = stuck.stream().filter(s -> s.holdsPlace(oneShot)).count();
    return held > 0 && grant.opened - grant.ended == held && !grant.owed();
  }

  private void account(long left, String what) {
    world.check(left == 0, left + " " + what + " at the " + node.config.service());
  }
}
