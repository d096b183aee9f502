package io.carrick.core.session;

import java.util.ArrayDeque;

/** One end of a virtual connection: FIFO, may lose a suffix, may be told late or never. */
final class SimEnd {

  private static final int FULL_BYTES = 96 << 10;

  final SimWorld world;
  final SimPort owner;
  SimEnd other;
  private final ArrayDeque<byte[]> out = new ArrayDeque<>();
  private int inFlight;
  private long last;
  private boolean hole;
  boolean closed;

  /** Whether it has carried a session. */
  boolean used;

  private boolean full;

  /** Who holds an end. */
  interface SimPort {
    void onFrame(SimEnd end, byte[] frame);

    void onWritable(SimEnd end);

    void onClosed(SimEnd end);

    long pausedUntil();
  }

  private SimEnd(SimWorld world, SimPort owner) {
    this.world = world;
    this.owner = owner;
  }

  /** A connection; the end of the side that dialled. */
  static SimEnd connect(SimWorld world, SimPort dialler, SimPort listener) {
    SimEnd here = new SimEnd(world, dialler);
    SimEnd there = new SimEnd(world, listener);
    here.other = there;
    there.other = here;
    return here;
  }

  boolean writable() {
    full = inFlight >= FULL_BYTES;
    return !full;
  }

  void send(byte[] frame) {
    world.check(frame.length <= 65_536, "frame of " + frame.length + " bytes");
    if (closed) {
      return;
    }
    if (world.has(SimFault.LOSS) && world.oneIn(400)) {
      world.hit("frame lost in silence");
      return;
    }
    // Sequenced frames begin with field 1.
    if (world.tail && frame[0] == 8) {
      world.hit("tail loss");
      return;
    }
    put(frame);
    if (world.has(SimFault.DUPLICATION) && world.oneIn(50)) {
      world.hit("frame came twice");
      put(frame);
    }
  }

  private void put(byte[] frame) {
    out.add(frame);
    inFlight += frame.length;
    if (!hole) {
      schedule();
    }
  }

  private void schedule() {
    last = Math.max(last, world.now() + world.random.nextInt(3_000) * 1_000L);
    world.at(last - world.now(), this::deliver);
  }

  private void deliver() {
    if (hole || out.isEmpty()) {
      return;
    }
    long paused = other.owner.pausedUntil() - world.now();
    if (paused > 0) {
      world.at(paused, this::deliver);
      return;
    }
    byte[] frame = out.remove();
    inFlight -= frame.length;
    if (!other.closed) {
      other.owner.onFrame(other, frame);
    }
    if (full && inFlight < FULL_BYTES / 2 && !closed) {
      full = false;
      owner.onWritable(this);
    }
  }

  /** What this end sends from now on takes so much longer. */
  void delay(long nanos) {
    last = Math.max(last, world.now()) + nanos;
  }

  /** Swallows what this end sends, until {@link #open}. */
  void swallow() {
    hole = true;
  }

  /** What was swallowed arrives late. */
  void open() {
    if (hole) {
      hole = false;
      out.forEach(f -> schedule());
    }
  }

  /** This side closes: what was sent before may arrive, and then the other side is told. */
  void close() {
    if (!closed) {
      closed = true;
      cut();
      if (!(world.has(SimFault.HALF_OPEN) && world.oneIn(4))) {
        tell(other);
      }
    }
  }

  /** The network ends it: each side is told, or not. */
  void kill() {
    cut();
    other.cut();
    boolean silent = world.has(SimFault.HALF_OPEN) && world.oneIn(2);
    if (silent) {
      world.hit("half-open");
      swallow();
      other.swallow();
    }
    tell(this);
    if (!silent) {
      tell(other);
    }
  }

  private void cut() {
    int keep = out.isEmpty() ? 0 : world.random.nextInt(out.size() + 1);
    while (out.size() > keep) {
      inFlight -= out.removeLast().length;
      world.hit("suffix lost");
    }
  }

  private void tell(SimEnd end) {
    long after = Math.max(0, end.other.last - world.now()) + world.random.nextInt(5_000) * 1_000L;
    world.at(after, end::closedByNetwork);
  }

  private void closedByNetwork() {
    long paused = owner.pausedUntil() - world.now();
    if (paused > 0) {
      world.at(paused, this::closedByNetwork);
    } else if (!closed) {
      closed = true;
      owner.onClosed(this);
    }
  }
}
