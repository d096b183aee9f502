package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * One end of a virtual connection: FIFO, may lose a suffix, may be told late or never. It keeps the
 * contract of {@link Connection} and no more: what is not flushed does not go, a received buffer is
 * void after the call, and the thread that writes may stand still while others go on.
 */
final class SimEnd implements Connection {

  private static final int FULL_BYTES = 64 << 10;

  final SimWorld world;
  private final SimNode node;
  private final PeerInfo peer;
  private final FrameParser parser = new FrameParser();
  SimEnd other;
  private Receiver receiver;
  private final ArrayDeque<byte[]> unflushed = new ArrayDeque<>();
  private final ArrayDeque<Sent> out = new ArrayDeque<>();
  private int held;
  private long last;
  private boolean hole;
  private boolean closed;
  private boolean told;
  private boolean full;
  private boolean writing;
  private boolean calling;

  /** The session that went over it. */
  SimSide carried;

  /** Whether PROOF goes so late that this side has given up when it arrives. */
  boolean lateProof;

  private record Sent(byte[] frame, long arrives) {}

  private SimEnd(SimNode node, SimNode to, Principal shown, SecurityLevel level) {
    this.node = node;
    this.world = node.world;
    this.peer = PeerInfo.of(to.config.service()).withPrincipal(shown).withSecurity(level);
  }

  /** A connection; the end of the side that dialled. */
  static SimEnd connect(SimNode dialler, SimNode listener, SecurityLevel level) {
    return pair(
        new SimEnd(dialler, listener, principal(listener), level),
        new SimEnd(listener, dialler, principal(dialler), level));
  }

  /** A connection that shows neither side who the other is. */
  static SimEnd connectAsNobody(SimNode dialler, SimNode listener) {
    return pair(
        new SimEnd(dialler, listener, Principal.NONE, SecurityLevel.NONE),
        new SimEnd(listener, dialler, Principal.NONE, SecurityLevel.NONE));
  }

  private static SimEnd pair(SimEnd here, SimEnd there) {
    here.other = there;
    there.other = here;
    return here;
  }

  static Principal principal(SimNode node) {
    return new Principal("sim", node.config.service());
  }

  @Override
  public void receive(Receiver value) {
    world.check(receiver == null, "a connection has two receivers");
    receiver = value;
  }

  @Override
  public PeerInfo peer() {
    return peer;
  }

  @Override
  public boolean send(ByteBuffer frame) {
    beginWrite();
    boolean carried = node.carries(this);
    // Where the thread stands here, the buffer must be as it is when it goes on.
    world.stand();
    if (carried && !node.carries(this)) {
      world.hit("moved during a write");
    }
    mayThrow();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    world.check(bytes.length <= 65_536, "frame of " + bytes.length + " bytes");
    writing = false;
    if (closed) {
      return false;
    }
    proofIsLate(bytes);
    if (world.has(SimFault.LOSS) && world.oneIn(400)) {
      world.hit("frame lost in silence");
    } else if (world.tail && bytes[0] == 8) {
      // Sequenced frames begin with field 1.
      world.hit("tail loss");
    } else {
      put(bytes);
      if (world.has(SimFault.DUPLICATION) && world.oneIn(50)) {
        world.hit("frame came twice");
        put(bytes.clone());
      }
    }
    full |= held > FULL_BYTES;
    return !full;
  }

  private void put(byte[] bytes) {
    unflushed.add(bytes);
    held += bytes.length;
  }

  private void beginWrite() {
    node.checkOutside();
    world.check(!writing, "two threads write to one connection");
    writing = true;
  }

  @Override
  public void flush() {
    beginWrite();
    world.stand();
    mayThrow();
    writing = false;
    if (!closed && !unflushed.isEmpty()) {
      last = Math.max(last, world.now() + world.some(3 * SimWorld.MILLI));
      for (byte[] frame : unflushed) {
        out.add(new Sent(frame, last));
      }
      unflushed.clear();
      schedule(last);
    }
    world.stand();
  }

  private void schedule(long arrives) {
    if (!hole) {
      other.node.at(Math.max(0, arrives - world.now()), this::deliver);
    }
  }

  /** What has arrived is read at the other side, or some of it. */
  private void deliver() {
    if (hole || out.isEmpty() || out.element().arrives > world.now()) {
      return;
    }
    if (other.calling) {
      schedule(world.now() + 100_000);
      return;
    }
    other.calling = true;
    while (!hole && !out.isEmpty() && out.element().arrives <= world.now()) {
      byte[] frame = out.remove().frame;
      held -= frame.length;
      if (!other.closed) {
        if (other.carried != null && !other.node.carries(other)) {
          other.ignores(frame);
        } else {
          other.receiver.onFrame(ByteBuffer.wrap(frame));
        }
        Arrays.fill(frame, (byte) -1);
        world.stand();
      }
      if (world.oneIn(16)) {
        break;
      }
    }
    if (!other.told) {
      other.receiver.onBatchEnd();
    }
    other.calling = false;
    if (!out.isEmpty()) {
      schedule(out.element().arrives);
    }
    if (full && held <= FULL_BYTES / 2) {
      full = false;
      node.at(world.some(SimWorld.MILLI), this::writable);
    }
  }

  /** R7: what an older connection says changes nothing. */
  private void ignores(byte[] frame) {
    world.hit("frame of an old connection");
    long cum = carried.session.core.ack.cum();
    long acked = carried.session.core.out.ring.acked();
    long steps = world.steps();
    receiver.onFrame(ByteBuffer.wrap(frame));
    world.check(
        steps != world.steps()
            || (cum == carried.session.core.ack.cum()
                && acked == carried.session.core.out.ring.acked()),
        "a frame of an old connection counts");
  }

  private void writable() {
    if (calling) {
      node.at(100_000, this::writable);
    } else if (!told) {
      calling = true;
      receiver.onWritable();
      calling = false;
    }
  }

  private void mayThrow() {
    if (carried != null) {
      writing = false;
      world.mayThrow(SimFault.BAD_CONNECTION, 300);
      writing = true;
    }
  }

  private void proofIsLate(byte[] frame) {
    if (!lateProof) {
      return;
    }
    try {
      parser.parse(ByteBuffer.wrap(frame));
    } catch (MalformedFrameException e) {
      throw world.failed("frame that is none", e);
    }
    if (parser.type() == FrameType.PROOF) {
      world.hit("late proof");
      last = Math.max(last, world.now()) + world.some(40 * SimWorld.MILLI);
      node.at(world.some(3 * SimWorld.MILLI), this::breakHere);
    }
  }

  /** Swallows what this end sends, until {@link #open}. */
  void swallow() {
    hole = true;
  }

  /** What was swallowed arrives late. */
  void open() {
    if (hole) {
      hole = false;
      last = Math.max(last, world.now());
      if (!out.isEmpty()) {
        schedule(Math.max(world.now(), out.element().arrives));
      }
    }
  }

  /** What was flushed before may arrive, and then the other side is told. */
  @Override
  public void close(CloseReason reason) {
    if (world.isForeign()) {
      return; // A handshake took long by the real clock, because the machine is busy.
    }
    node.checkOutside();
    if (!closed) {
      closed = true;
      if (reason.detail().equals("the session moved")) {
        world.hit("moved while the old one was open");
      }
      cut();
      node.at(0, () -> tell(reason));
      if (!(world.has(SimFault.HALF_OPEN) && world.oneIn(4))) {
        other.closedBy(CloseReason.peer(reason.detail()));
      }
    }
  }

  /** This side finds it broken; the other one will. */
  void breakHere() {
    if (!closed) {
      closed = true;
      cut();
      tell(CloseReason.network("given up"));
      other.closedBy(CloseReason.peer("given up"));
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
    } else {
      other.closedBy(CloseReason.network("killed"));
    }
    closedBy(CloseReason.network("killed"));
  }

  private void cut() {
    unflushed.forEach(frame -> held -= frame.length);
    unflushed.clear();
    int keep = out.isEmpty() ? 0 : world.random.nextInt(out.size() + 1);
    while (out.size() > keep) {
      held -= out.removeLast().frame.length;
      world.hit("suffix lost");
    }
  }

  /** After what is on its way to here. */
  private void closedBy(CloseReason reason) {
    long after = Math.max(0, other.last - world.now()) + world.some(5 * SimWorld.MILLI);
    node.at(
        after,
        () -> {
          closed = true;
          tell(reason);
        });
  }

  private void tell(CloseReason reason) {
    if (calling) {
      node.at(100_000, () -> tell(reason));
    } else if (!told) {
      told = true;
      if (receiver != null) {
        calling = true;
        receiver.onClosed(reason);
        calling = false;
      }
    }
  }
}
