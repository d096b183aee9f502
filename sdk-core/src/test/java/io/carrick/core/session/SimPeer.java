package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.Reject;
import io.carrick.spi.PeerInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One side of one session: the production state machine, and around it what {@link Session} does,
 * with virtual connections.
 */
final class SimPeer implements SimEnd.SimPort {

  private static final SecurityLevel FLOOR = SecurityLevel.ENCRYPTED;
  private static final PeerInfo WEAK =
      new PeerInfo("sim", Principal.NONE, SecurityLevel.NONE, false, false);

  private static final long ATTEMPT_NANOS = 2_000 * SimWorld.MILLI;

  /** The delay of F10, two ways of the network, a writer's pause, and the timer of the test. */
  private static final long ACK_NANOS = 100 * SimWorld.MILLI;

  final SimWorld world;
  final SimLife life;
  final boolean initiator;
  final SessionConfig config;
  final SessionCore core;
  final Binding binding;
  final List<SimCaller> callers = new ArrayList<>();
  final List<SimServer> stuck = new ArrayList<>();
  final Map<io.carrick.Priority, Long> lastOfLane = new EnumMap<>(io.carrick.Priority.class);
  SimPeer peer;

  /** The process is gone. */
  boolean dead;

  SimEnd link;
  private SimEnd before;
  private byte[] first;
  private boolean writing;
  private boolean ticking;
  private boolean dialling;
  private SimEnd trying;
  private ResumeAttempt attempt;
  private int rejections;
  private final Map<SimEnd, ResumeCheck> checks = new HashMap<>();
  private final FrameParser parser = new FrameParser();
  private long suspendedAt;
  private long acked;
  private long waitedSince;

  SimPeer(
      SimLife life,
      boolean initiator,
      SessionConfig config,
      io.carrick.core.frame.Limits limits,
      Binding binding) {
    this.life = life;
    this.world = life.world;
    this.initiator = initiator;
    this.config = config;
    this.binding = binding;
    this.core = new SessionCore(config, initiator, limits, true, world.now());
    core.without = world.without;
  }

  void call() {
    if (core.state() == SessionCore.State.OPEN && core.out.hasRoomToWait(1)) {
      SimCaller caller = new SimCaller(this, world.nextTag());
      callers.add(caller);
      caller.open();
      settle();
    }
  }

  void close() {
    world.hit("close");
    core.close("the test closes", world.now());
    settle();
    tick();
  }

  void lose(String reason) {
    core.lose(
        new End(
            End.Cause.SESSION_LOST,
            io.carrick.StatusCode.UNAVAILABLE,
            reason,
            Map.of(),
            io.carrick.Delivered.MAYBE));
    settle();
  }

  void tick() {
    if (!ticking && core.ended() == null && !dead) {
      ticking = true;
      long delay = Math.max(SimWorld.MILLI, core.nextTick() - world.now());
      world.at(Math.min(delay, 50 * SimWorld.MILLI), this::ticked);
    }
  }

  private void ticked() {
    ticking = false;
    long paused = pausedUntil() - world.now();
    if (paused > 0) {
      ticking = true;
      world.at(paused, this::ticked);
    } else if (core.ended() == null && !dead) {
      core.tick(world.now());
      settle();
      tick();
    }
  }

  /** What the driver does after each step: writes, follows the path, calls owners. */
  void settle() {
    if (dead) {
      return;
    }
    pump();
    tellOwners();
    pump();
    world.check(
        core.out.ring.usedBytes() <= config.replayBytes(), "replay buffer beyond its bound");
    world.check(
        core.in.reservedBytes() <= 4L * config.maxMessageBytes(), "granted beyond the budget");
    world.check(
        core.out.waitingCalls <= config.waitingCalls(), core.out.waitingCalls + " calls wait");
    Exchange more = core.takeReady();
    if (more != null) {
      // What the owners' calls made ready is handled as the next step.
      for (Exchange x = more; x != null; ) {
        Exchange next = x.nextReady;
        x.readyQueued = false;
        core.ready(x);
        x = next;
      }
      world.at(0, this::settle);
    }
    if (!core.out.ring.hasRoom(16 << 10)) {
      world.hit("full buffer");
    }
    followPath();
    checkAcknowledged();
  }

  /** F10: where nothing goes wrong, nothing waits long for its ACK. */
  private void checkAcknowledged() {
    boolean waits = core.out.ring.usedBytes() > 0;
    if (!waits || waitedSince == 0 || core.out.ring.acked() != acked) {
      acked = core.out.ring.acked();
      waitedSince = waits ? world.now() : 0;
    }
    world.check(
        !world.faults.isEmpty() || !waits || world.now() - waitedSince < ACK_NANOS,
        "nothing was acknowledged for " + ACK_NANOS / SimWorld.MILLI + " ms");
  }

  private void tellOwners() {
    for (Exchange chain = core.takeReady(); chain != null; ) {
      Exchange x = chain;
      chain = x.nextReady;
      if (x.owner == null) {
        x.owner = new SimServer(this, x);
      }
      x.owner.ready(x);
    }
  }

  private void followPath() {
    if (core.ended() != null) {
      closeAll();
      life.ended(this);
      return;
    }
    if (!core.attached() && link != null) {
      world.hit("suspended");
      suspendedAt = world.now();
      closeLink();
      redial();
    }
    if (!core.takeSuspect().isEmpty()) {
      world.hit("suspect");
      dial("suspect");
    }
  }

  private void closeLink() {
    link.close();
    link = null;
    if (before != null) {
      before.close();
      before = null;
    }
  }

  void closeAll() {
    if (link != null) {
      closeLink();
    }
    if (trying != null) {
      trying.close();
      trying = null;
    }
  }

  private void pump() {
    while (!writing && link != null && core.attached() && core.ended() == null && link.writable()) {
      List<byte[]> frames = new ArrayList<>();
      if (first != null) {
        frames.add(first);
        first = null;
      }
      core.out.ring.skipAcknowledged();
      core.out.schedule(world.now());
      int count = core.out.ring.unhanded();
      core.unsequenced(frames, count > 0, world.now());
      if (count == 0 && frames.isEmpty()) {
        return;
      }
      SimEnd to = link;
      ByteBuffer ring = core.out.ring.buffer();
      int offset = core.out.ring.handOffset();
      writing = true;
      if (world.oneIn(20)) {
        // The writer is outside of the serial section for a while.
        world.at(
            world.random.nextInt(4_000) * 1_000L,
            () -> {
              write(to, frames, ring, offset, count);
              settle();
            });
      } else {
        write(to, frames, ring, offset, count);
      }
    }
  }

  private void write(SimEnd to, List<byte[]> frames, ByteBuffer ring, int offset, int count) {
    frames.forEach(to::send);
    int at = offset;
    for (int i = 0; i < count; i++) {
      at = ReplayRing.skipWrap(ring, at);
      byte[] frame = new byte[ring.getInt(at)];
      ring.get(at + Integer.BYTES, frame);
      to.send(frame);
      at += Integer.BYTES + frame.length;
    }
    writing = false;
    if (link == to) {
      core.out.handed(count);
    } else {
      world.hit("moved during a write");
    }
    core.written(world.now());
  }

  // Resuming.

  private void redial() {
    if (initiator && !dialling && core.ended() == null && !core.attached()) {
      dialling = true;
      world.at(
          world.random.nextInt(20) * SimWorld.MILLI,
          () -> {
            dialling = false;
            if (core.ended() == null && !core.attached() && !dead) {
              dial("resume");
              redial();
            }
          });
    }
  }

  /** One attempt at a time (R6). */
  void dial(String why) {
    if (!initiator || trying != null || core.ended() != null || dead) {
      return;
    }
    if (world.has(SimFault.REFUSED) && world.oneIn(3)) {
      world.hit("refused");
      return;
    }
    if (world.has(SimFault.WRONG_DOOR) && world.oneIn(5)) {
      world.hit("wrong door");
      if (world.flaws.contains(SimFlaw.WRONG_DOOR_ENDS)) {
        lose("another instance answered");
      }
      return;
    }
    if (world.has(SimFault.WEAK_PATH) && world.oneIn(4)) {
      // As the initiator asks before it says a word on a connection.
      String refusal = PathRules.refuse(Principal.NONE, FLOOR, WEAK, config.resumption());
      world.check(refusal != null, "a path below the floor was allowed");
      world.hit("refused by floor");
      return;
    }
    world.hit("dial: " + why);
    attempt = new ResumeAttempt(binding, world.bytes(32), "sim", core.ack.cum());
    SimEnd end = SimEnd.connect(world, this, life.listener());
    trying = end;
    end.send(attempt.begin());
    if (world.has(SimFault.KILL_RESUME) && world.oneIn(4)) {
      world.at(world.random.nextInt(8_000) * 1_000L, end::kill);
    }
    world.at(ATTEMPT_NANOS, () -> giveUp(end));
  }

  private void giveUp(SimEnd end) {
    if (trying == end) {
      trying = null;
      end.close();
      redial();
    }
  }

  @Override
  public void onFrame(SimEnd end, byte[] frame) {
    if (dead) {
      return;
    }
    try {
      parser.parse(ByteBuffer.wrap(frame));
      if (end == link) {
        carry(frame.length);
      } else if (end == trying) {
        answer(end);
      } else if (end.used && world.flaws.contains(SimFlaw.UNFENCED)) {
        carry(frame.length);
      } else {
        world.hit("frame of an old connection");
      }
    } catch (MalformedFrameException | ViolationException e) {
      throw new AssertionError("seed " + world.seed + ": " + e.getMessage(), e);
    }
    settle();
  }

  private void carry(int size) throws MalformedFrameException, ViolationException {
    if (!core.attached() || core.ended() != null) {
      return;
    }
    if (parser.type().ofSession()) {
      binding.confirmed();
      if (before != null) {
        before.close();
        before = null;
      }
    }
    core.onFrame(parser, size, world.now());
  }

  private void answer(SimEnd end) throws ViolationException {
    switch (parser.type()) {
      case CHALLENGE -> {
        if (!attempt.proved()) {
          if (world.has(SimFault.LATE_PROOF) && world.oneIn(3)) {
            world.hit("late proof");
            end.delay(world.random.nextInt(40) * SimWorld.MILLI);
            world.at(world.random.nextInt(3_000) * 1_000L, () -> giveUp(end));
          }
          end.send(attempt.prove(parser.challenge()));
        }
      }
      case RESUMED -> {
        world.check(attempt.confirm(parser.resumed()), "RESUMED without proof");
        trying = null;
        SimEnd old = link;
        attach(end, parser.resumed().cum());
        if (old != null) {
          world.hit("moved while the old one was open");
          old.close();
        }
      }
      default -> {
        trying = null;
        end.close();
        world.hit("rejected");
        if (life.isGone(peer) || ++rejections >= 3) {
          lose("rejected");
        } else {
          redial();
        }
      }
    }
  }

  private void attach(SimEnd to, long cum) throws ViolationException {
    world.changes += initiator ? 1 : 0;
    rejections = 0;
    if (suspendedAt != 0 && link == null) {
      world.hit("resumed");
      suspendedAt = 0;
    }
    link = to;
    to.used = true;
    core.attach(cum, world.now());
  }

  /** The acceptor: RESUME. */
  void challenge(SimEnd end, io.carrick.core.frame.Resume resume) {
    if (checks.containsKey(end)) {
      return;
    }
    ResumeCheck check = new ResumeCheck(resume, world.bytes(32), world.bytes(32));
    checks.put(end, check);
    end.send(check.challenge());
  }

  /** The acceptor: PROOF. */
  void prove(SimEnd end, io.carrick.core.frame.Proof proof) {
    ResumeCheck check = checks.remove(end);
    if (check == null) {
      return;
    }
    if (binding.previous() != null) {
      world.hit("resume during a resume");
    }
    SessionKey key = check.proved(binding, proof, world.without);
    if (core.ended() != null || key == null || !check.adopt(binding, key, world.without)) {
      end.send(FrameWriter.reject(new Reject(config.instance(), 0, "")));
      return;
    }
    if (before != null) {
      before.close();
    }
    before = link;
    first = check.resumed(binding, core.ack.cum());
    try {
      attach(end, check.resume.cum());
    } catch (ViolationException e) {
      throw new AssertionError("seed " + world.seed + ": " + e.getMessage(), e);
    }
    settle();
  }

  @Override
  public void onWritable(SimEnd end) {
    settle();
  }

  @Override
  public void onClosed(SimEnd end) {
    if (dead) {
      return;
    }
    if (end == link) {
      core.breakPath("closed", world.now());
    } else if (end == trying) {
      trying = null;
      redial();
    }
    settle();
  }

  @Override
  public long pausedUntil() {
    return life.pausedUntil(initiator);
  }

  void release() {
    List<SimServer> all = new ArrayList<>(stuck);
    stuck.clear();
    all.forEach(SimServer::answer);
    settle();
  }

  boolean lives() {
    return !dead && core.ended() == null;
  }

  void checkAllEnded() {
    for (SimCaller caller : callers) {
      world.check(caller.end != null, caller + " never ended");
    }
    world.check(
        core.livingCount() == 0 || core.ended() != null, core.livingCount() + " exchanges living");
    world.check(core.out.waitingCalls == 0, core.out.waitingCalls + " calls still wait");
    world.check(core.out.queuedBytes == 0, core.out.queuedBytes + " bytes still queued");
    world.check(core.in.partBytes == 0, core.in.partBytes + " bytes of parts left");
  }

  boolean is(byte[] session) {
    return Arrays.equals(session, binding.session());
  }
}
