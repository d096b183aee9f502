package io.carrick.core.session;

import io.carrick.SecurityLevel;
import io.carrick.core.run.BatchingExecutor;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.session.state.SessionConfig;
import java.util.ArrayList;
import java.util.List;

/** One process: its clock, timer, executor and budget, which its sessions share. */
final class SimNode implements BatchingExecutor {

  final SimWorld world;
  final boolean initiator;
  final SessionConfig config;

  /** Whether it relies on who its peers are. */
  final boolean relies;

  final Budget budget = new Budget(1L << 30);
  final SessionRuntime runtime;
  final List<SimSide> sides = new ArrayList<>();

  /** The process is gone. */
  boolean dead;

  /** It stands still until then. */
  long pausedUntil;

  private long plannedFor = Long.MAX_VALUE;
  private long plan;
  private boolean rounding;

  SimNode(SimWorld world, boolean initiator) {
    this.world = world;
    this.initiator = initiator;
    boolean falling = world.has(SimFault.NOBODY_PATH);
    this.relies = falling && world.oneIn(4);
    SessionConfig plain = world.config(initiator ? "client" : "server");
    this.config =
        plain
            .withResumption(plain.resumption().relying(relies))
            .withFloor(falling ? SecurityLevel.NONE : SecurityLevel.ENCRYPTED);
    this.runtime = new SessionRuntime(config.service(), this, budget, world::now, false);
  }

  /** One of this process's threads does something, if the process lives then. */
  void at(long delayNanos, Runnable action) {
    world.at(
        delayNanos,
        () -> {
          long paused = world.quiet ? 0 : pausedUntil - world.now();
          if (paused > 0) {
            at(paused, action);
          } else if (!dead) {
            action.run();
          }
        });
  }

  /** Handlers, continuations: in no order. */
  @Override
  public void execute(Runnable task) {
    checkOutside();
    at(world.some(2 * SimWorld.MILLI), () -> CarrickThreads.asHandler(task));
  }

  @Override
  public void begin() {
    world.mayThrow(SimFault.BAD_EXECUTOR, 100);
  }

  @Override
  public void end() {
    world.mayThrow(SimFault.BAD_EXECUTOR, 100);
  }

  /** F13: no session calls anything of others from within its serial section. */
  void checkOutside() {
    for (SimSide side : sides) {
      world.check(!side.holdsLock(), "called from within the serial section");
    }
  }

  /** Whether a session goes over this connection. */
  boolean carries(SimEnd end) {
    for (SimSide side : sides) {
      if (side.isCarriedBy(end)) {
        end.carried = side;
        return true;
      }
    }
    return false;
  }

  /** The timer sleeps until its next round, and wakes a little later, or much. */
  void followTimer() {
    long due = runtime.sleepsUntil();
    if (dead || rounding || due - plannedFor >= 0) {
      return;
    }
    boolean late = world.has(SimFault.LATE_TIMER) && world.oneIn(50);
    if (late) {
      world.hit("late timer");
    }
    plannedFor = late ? Long.MIN_VALUE : due;
    long wakes = Math.max(0, due - world.now()) + world.some(SimWorld.MILLI);
    long mine = ++plan;
    at(late ? wakes + 30 * world.some(2_000 * SimWorld.MILLI) : wakes, () -> round(mine));
  }

  private void round(long mine) {
    if (mine == plan) {
      rounding = true;
      CarrickThreads.asReader(runtime::round);
      rounding = false;
      plannedFor = Long.MAX_VALUE;
    }
  }
}
