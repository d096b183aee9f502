package io.carrick.core.session;

import io.carrick.core.run.WriteBatch;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Rule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Two processes and the sessions between them, from the first call to the last end. */
final class SimLife {

  private static final long MILLI = SimWorld.MILLI;
  private static final long TROUBLE_NANOS = 4_000 * MILLI;

  final SimWorld world;
  private final List<SimNode> nodes = new ArrayList<>();
  private final boolean mayEnd;
  private SimNode client;
  private SimNode server;
  private SimNode decoy;
  private SimSide side;
  private boolean opening;

  SimLife(long seed, Set<SimFault> faults, Set<Rule> without, Set<SimFlaw> flaws) {
    this.world = new SimWorld(seed, faults, without, flaws, this::afterEach);
    this.mayEnd =
        faults.contains(SimFault.RESTART_CLIENT)
            || faults.contains(SimFault.RESTART_SERVER)
            || faults.contains(SimFault.CLOSE)
            || faults.contains(SimFault.NO_MEMORY);
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
      boolean bad = fault.name().startsWith("BAD") || fault == SimFault.NO_MEMORY;
      int oneIn = fault == SimFault.CROWD ? 40 : bad ? 10 : rare ? 5 : 2;
      if (random.nextInt(oneIn) == 0) {
        faults.add(fault);
      }
    }
    return new SimLife(seed, faults, EnumSet.noneOf(Rule.class), EnumSet.noneOf(SimFlaw.class));
  }

  void run() {
    try {
      live();
    } finally {
      // The thread lives other lives, and keeps nothing of this one.
      WriteBatch.flush();
    }
  }

  private void live() {
    client = start(true);
    server = start(false);
    decoy = start(false);
    open();
    int calls = 40 + world.random.nextInt(260);
    for (int i = 0; i < calls; i++) {
      boolean back = world.oneIn(4);
      world.at(world.some(TROUBLE_NANOS), () -> call(back));
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
    sides()
        .filter(s -> s.lives() && s.peer.lives())
        .forEach(s -> s.callers.forEach(SimCaller::checkProgress));
    world.released = true;
    sides().filter(SimSide::lives).toList().forEach(SimSide::release);
    world.run(200_000 * MILLI);
    sides().filter(s -> !s.node.dead).forEach(SimSide::checkAccounts);
    if (strictClose()) {
      sides().forEach(s -> s.callers.forEach(SimCaller::checkAnswered));
    }
    end();
  }

  /** In the end all is closed, and nothing is left of it. */
  private void end() {
    sides().filter(SimSide::lives).toList().forEach(s -> s.session.close("the life ends"));
    world.run(20_000 * MILLI);
    for (SimNode node : nodes) {
      if (!node.dead) {
        node.sides.forEach(SimSide::checkAccounts);
        world.check(node.runtime.sessions().isEmpty(), "sessions are left in the runtime");
        world.check(node.budget.used() == 0, node.budget.used() + " bytes are left in the budget");
      }
    }
  }

  private java.util.stream.Stream<SimSide> sides() {
    return nodes.stream().flatMap(n -> n.sides.stream());
  }

  private SimNode start(boolean initiator) {
    SimNode node = new SimNode(world, initiator);
    nodes.add(node);
    return node;
  }

  SimNode server() {
    return server;
  }

  SimNode decoy() {
    return decoy;
  }

  private void call(boolean back) {
    SimSide from = back ? side.peer : side;
    if (from != null && from.node.pausedUntil <= world.now()) {
      from.call();
    }
  }

  private void afterEach() {
    for (SimNode node : nodes) {
      node.followTimer();
    }
    if (side != null) {
      side.checkBounds();
      if (side.peer != null) {
        side.peer.checkBounds();
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
    SimEnd carrier = side.carrier();
    switch (fault) {
      case KILL -> {
        world.hit("kill");
        world.changes++;
        carrier.kill();
      }
      case BLACK_HOLE -> swallow(carrier);
      case MOVE -> {
        if (world.flaws.contains(SimFlaw.BREAK_BEFORE_MAKE)) {
          carrier.kill();
        }
        side.dial("move");
      }
      case PAUSE -> {
        SimNode node = world.oneIn(2) ? client : server;
        node.pausedUntil = world.now() + world.random.nextInt(9_000) * MILLI;
        world.hit("pause");
      }
      case RESTART_SERVER -> {
        die(server);
        server = start(false);
      }
      case RESTART_CLIENT -> {
        die(client);
        client = start(true);
        open();
      }
      case CLOSE -> {
        SimSide closes = world.oneIn(2) || side.peer == null ? side : side.peer;
        closes.close();
      }
      default -> {}
    }
  }

  private void swallow(SimEnd carrier) {
    int which = world.random.nextInt(3);
    world.hit("black hole " + (which == 0 ? "out" : which == 1 ? "in" : "both"));
    if (which != 1) {
      carrier.swallow();
    }
    if (which != 0) {
      carrier.other.swallow();
    }
    if (world.oneIn(2)) {
      world.at(
          world.random.nextInt(9_000) * MILLI,
          () -> {
            world.hit("late delivery");
            carrier.open();
            carrier.other.open();
          });
    }
  }

  private void die(SimNode node) {
    world.hit(node.initiator ? "client restarts" : "server restarts");
    node.dead = true;
    sides().map(s -> s.carrier()).filter(c -> c != null).toList().forEach(SimEnd::kill);
  }

  private void open() {
    opening = false;
    side = new SimSide(this, client);
    side.greet();
  }

  /** Another session takes the place of the one that this was. */
  void openSoon(SimSide before) {
    if (before == side && !opening && !world.quiet) {
      opening = true;
      client.at(5 * MILLI, this::open);
    }
  }

  /** Another session for what comes from now on. */
  void openBeside(SimSide before) {
    if (before == side) {
      open();
    }
  }

  /** Somebody dials: a new session begins, or this one goes on. */
  void accept(SimSide by, SimNode at, SimEnd end) {
    SimSide there = new SimSide(this, at);
    Session.accept(
        end,
        at.config,
        at.runtime,
        there,
        session -> {
          there.began(session);
          there.peer = by;
          by.peer = there;
        });
  }

  /** A session has ended at one side. */
  void ended(SimSide at) {
    End end = at.ended;
    boolean used = at.callers.size() > 0 || (at.peer != null && at.peer.callers.size() > 0);
    world.check(
        mayEnd
            || at.aside
            || (at.peer != null && at.peer.aside)
            || world.released
            || !used
            || end.cause() == End.Cause.COMPLETED,
        "a session was lost without need: " + end.message());
    if (end.message().contains("no connection resumed")) {
      world.hit("expired");
    }
    openSoon(at);
  }
}
