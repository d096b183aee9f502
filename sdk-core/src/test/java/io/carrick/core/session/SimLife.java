package io.carrick.core.session;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Limits;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.Reject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Two processes and the sessions between them, from the first call to the last end. */
final class SimLife implements SimEnd.SimPort {

  private static final long MILLI = SimWorld.MILLI;
  private static final long TROUBLE_NANOS = 4_000 * MILLI;

  final SimWorld world;
  private final List<SimPeer> all = new ArrayList<>();
  private final Map<SimEnd, SimPeer> carried = new HashMap<>();
  private final FrameParser parser = new FrameParser();
  private final long[] paused = new long[2];
  private SimPeer client;
  private SimPeer server;
  private boolean mayEnd;
  private boolean opening;

  SimLife(long seed, Set<SimFault> faults, Set<Rule> without, Set<SimFlaw> flaws) {
    this.world = new SimWorld(seed, faults, without, flaws);
    this.mayEnd =
        faults.contains(SimFault.RESTART_CLIENT)
            || faults.contains(SimFault.RESTART_SERVER)
            || faults.contains(SimFault.CLOSE);
  }

  /**
   * Whether what was answered before an orderly close must arrive: nothing takes longer than it.
   */
  private boolean strictClose() {
    return EnumSet.of(
            SimFault.KILL,
            SimFault.MOVE,
            SimFault.CLOSE,
            SimFault.DUPLICATION,
            SimFault.KILL_RESUME)
        .containsAll(world.faults);
  }

  /** A few of all faults, as the seed says. */
  static SimLife of(long seed) {
    java.util.Random random = new java.util.Random(~seed);
    Set<SimFault> faults = EnumSet.noneOf(SimFault.class);
    for (SimFault fault : SimFault.values()) {
      boolean rare = fault.name().startsWith("RESTART") || fault == SimFault.CLOSE;
      int oneIn = fault == SimFault.CROWD ? 40 : rare ? 5 : 2;
      if (random.nextInt(oneIn) == 0) {
        faults.add(fault);
      }
    }
    return new SimLife(seed, faults, EnumSet.noneOf(Rule.class), EnumSet.noneOf(SimFlaw.class));
  }

  void run() {
    open();
    int calls = 40 + world.random.nextInt(260);
    for (int i = 0; i < calls; i++) {
      boolean back = world.oneIn(4);
      world.at(
          world.random.nextInt((int) (TROUBLE_NANOS / MILLI)) * MILLI,
          () -> (back ? server : client).call());
    }
    for (SimFault fault : world.faults) {
      again(fault);
    }
    if (world.faults.contains(SimFault.TAIL_LOSS)) {
      world.at(TROUBLE_NANOS - 50 * MILLI, () -> world.tail = true);
      world.at(TROUBLE_NANOS + 9_000 * MILLI, () -> world.tail = false);
    }
    world.run(TROUBLE_NANOS);
    world.quiet = true;
    world.run(60_000 * MILLI);
    all.stream()
        .filter(p -> p.lives() && p.peer.lives())
        .forEach(p -> p.callers.forEach(SimCaller::checkProgress));
    world.released = true;
    all.forEach(SimPeer::release);
    world.run(200_000 * MILLI);
    for (SimPeer peer : all) {
      if (!peer.dead) {
        peer.checkAllEnded();
        if (strictClose()) {
          peer.callers.forEach(SimCaller::checkAnswered);
        }
      }
    }
  }

  private void again(SimFault fault) {
    long least =
        switch (fault) {
          case RESTART_CLIENT, RESTART_SERVER, CLOSE -> 1_500;
          case PAUSE -> 600;
          case BLACK_HOLE -> 400;
          default -> 15;
        };
    world.at(
        (least + world.random.nextInt((int) least * 3)) * MILLI,
        () -> {
          if (!world.quiet) {
            strike(fault);
            again(fault);
          }
        });
  }

  private void strike(SimFault fault) {
    SimEnd link = client.link;
    switch (fault) {
      case KILL -> {
        if (link != null) {
          world.hit("kill");
          world.changes++;
          link.kill();
        }
      }
      case BLACK_HOLE -> swallow(link);
      case MOVE -> {
        if (world.flaws.contains(SimFlaw.BREAK_BEFORE_MAKE) && link != null) {
          link.kill();
        }
        client.dial("move");
      }
      case PAUSE -> {
        int side = world.random.nextInt(2);
        paused[side] = world.now() + world.random.nextInt(9_000) * MILLI;
        world.hit("pause");
      }
      case RESTART_SERVER -> die(server);
      case RESTART_CLIENT -> die(client);
      case CLOSE -> (world.oneIn(2) ? client : server).close();
      default -> {}
    }
  }

  private void swallow(SimEnd link) {
    if (link == null) {
      return;
    }
    int which = world.random.nextInt(3);
    world.hit("black hole " + (which == 0 ? "out" : which == 1 ? "in" : "both"));
    if (which != 1) {
      link.swallow();
    }
    if (which != 0) {
      link.other.swallow();
    }
    if (world.oneIn(2)) {
      world.at(
          world.random.nextInt(9_000) * MILLI,
          () -> {
            world.hit("late delivery");
            link.open();
            link.other.open();
          });
    }
  }

  private void die(SimPeer peer) {
    world.hit(peer.initiator ? "client restarts" : "server restarts");
    peer.dead = true;
    if (peer.link != null) {
      peer.link.kill();
    }
    peer.closeAll();
    if (peer.initiator) {
      openSoon();
    } else if (client.core.ended() != null) {
      openSoon();
    }
  }

  /** The peer's process is gone: another instance answers at its endpoint. */
  boolean isGone(SimPeer peer) {
    return peer.dead;
  }

  long pausedUntil(boolean initiator) {
    return world.quiet
        ? Math.min(paused[initiator ? 0 : 1], world.now())
        : paused[initiator ? 0 : 1];
  }

  SimEnd.SimPort listener() {
    return this;
  }

  private void open() {
    opening = false;
    SessionConfig ofClient = world.config();
    SessionConfig ofServer = world.config();
    byte[] sid = world.bytes(16);
    SessionKey key = SessionKey.derive(world.bytes(32), sid, "sim");
    client =
        new SimPeer(
            this,
            true,
            ofClient,
            limits(ofServer),
            new Binding(sid, ofClient.instance(), ofServer.instance(), key));
    server =
        new SimPeer(
            this,
            false,
            ofServer,
            limits(ofClient),
            new Binding(sid, ofClient.instance(), ofServer.instance(), key));
    client.peer = server;
    server.peer = client;
    all.add(client);
    all.add(server);
    SimEnd end = SimEnd.connect(world, client, this);
    carried.put(end.other, server);
    client.link = end;
    server.link = end.other;
    end.used = true;
    end.other.used = true;
    client.tick();
    server.tick();
  }

  private static Limits limits(SessionConfig c) {
    return new Limits(c.maxMessageBytes(), c.initialBytes(), c.initialCalls(), c.initialCalls());
  }

  private void openSoon() {
    if (!opening && !world.quiet) {
      opening = true;
      world.at(5 * MILLI, this::open);
    }
  }

  /** A session has ended at one side. */
  void ended(SimPeer peer) {
    End end = peer.core.ended();
    boolean used = peer.core.lastMine() > 0 || peer.peer.core.lastMine() > 0;
    world.check(
        mayEnd || !used || end.cause() == End.Cause.COMPLETED,
        "a session was lost without need: " + end.message());
    world.hit("session ended " + end.cause());
    if (end.message().contains("no connection resumed")) {
      world.hit("expired");
    }
    if (peer == client) {
      openSoon();
    }
  }

  // The door of the acceptor's process.

  @Override
  public void onFrame(SimEnd end, byte[] frame) {
    SimPeer known = carried.get(end);
    if (known != null && !known.dead && end == known.link) {
      known.onFrame(end, frame);
      return;
    }
    if (known != null && !known.dead && end.used && world.flaws.contains(SimFlaw.UNFENCED)) {
      known.onFrame(end, frame);
      return;
    }
    try {
      parser.parse(ByteBuffer.wrap(frame));
      if (parser.type() == FrameType.RESUME) {
        SimPeer named = find(parser.resume().session());
        if (named == null) {
          end.send(FrameWriter.reject(new Reject(new byte[16], 0, "")));
        } else {
          carried.put(end, named);
          named.challenge(end, parser.resume());
        }
      } else if (parser.type() == FrameType.PROOF && known != null && !known.dead) {
        known.prove(end, parser.proof());
      } else {
        world.hit("frame of an old connection");
      }
    } catch (MalformedFrameException e) {
      throw new AssertionError("seed " + world.seed, e);
    }
  }

  private SimPeer find(byte[] session) {
    for (SimPeer peer : all) {
      if (!peer.initiator && !peer.dead && peer.core.ended() == null && peer.is(session)) {
        return peer;
      }
    }
    return null;
  }

  @Override
  public void onWritable(SimEnd end) {
    SimPeer peer = carried.get(end);
    if (peer != null) {
      peer.onWritable(end);
    }
  }

  @Override
  public void onClosed(SimEnd end) {
    SimPeer peer = carried.get(end);
    if (peer != null) {
      peer.onClosed(end);
    }
  }

  @Override
  public long pausedUntil() {
    return pausedUntil(false);
  }
}
