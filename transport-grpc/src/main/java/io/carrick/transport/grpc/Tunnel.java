package io.carrick.transport.grpc;

import io.carrick.spi.CloseReason;
import io.carrick.spi.GuardedConnection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection inside one bidirectional call. All callbacks, and all that the call is told, are on
 * the event loop of its HTTP/2 connection; {@code send} and {@code flush} only put frames together
 * and wake the loop, so that what several callers flush leaves in one message.
 */
final class Tunnel implements GuardedConnection {

  /** Made beforehand, for when there is no memory for another one. */
  private static final CloseReason NO_MEMORY = CloseReason.local("out of memory");

  private static final int LOW_WATER_BYTES = Transport.HIGH_WATER_BYTES / 2;

  /** A caller that goes on after false until this much is held loses the connection. */
  private static final int MAX_HELD_BYTES = 1024 * 1024;

  /** Messages asked of gRPC ahead: the next is there when one is handled. */
  private static final int MESSAGES_AHEAD = 4;

  /** Packets without frames cost their sender nothing: so many in 10 s are enough. */
  private static final int EMPTIES = 100;

  /** What a turn of the loop handles of one connection. */
  private static final int MESSAGES_IN_TURN = 256;

  private final EventLoop loop;
  private final Carrier carrier;
  private final PeerInfo peer;
  private final AtomicBoolean receiving = new AtomicBoolean();
  private final Runnable drain = this::drain;
  private final Runnable finish = this::finish;

  private final Object lock = new Object();
  private final Output output = new Output(); // This and the next three: guarded by lock.
  private boolean draining;
  private boolean senderWaits;
  private @Nullable CloseReason end;
  private volatile boolean ending; // Whether end is set.
  private volatile boolean awaited;

  // Touched only on the loop, or after it has ended.
  private @Nullable Receiver receiver;
  private boolean writable;
  private boolean finished;
  private final Allowance empties = new Allowance(EMPTIES, 10);
  private int inTurn;

  Tunnel(EventLoop loop, Carrier carrier, PeerInfo peer) {
    this.loop = loop;
    this.carrier = carrier;
    this.peer = peer;
  }

  @Override
  public boolean send(ByteBuffer frame) {
    if (frame.remaining() > Transport.MAX_FRAME_BYTES) {
      throw new IllegalArgumentException(
          "Frame of "
              + frame.remaining()
              + " bytes exceeds the 65536 allowed on every transport; split it");
    }
    int held;
    synchronized (lock) {
      if (end != null) {
        return false;
      }
      output.append(frame);
      held = output.held();
      if (held <= Transport.HIGH_WATER_BYTES) {
        return true;
      }
      // The caller waits now, perhaps without a flush.
      senderWaits = true;
      scheduleDrain();
    }
    if (held > MAX_HELD_BYTES) {
      close(
          CloseReason.local(
              held + " bytes were sent although send said false; wait for onWritable"));
    }
    return false;
  }

  @Override
  public void flush() {
    synchronized (lock) {
      if (end == null && !output.isEmpty()) {
        scheduleDrain();
      }
    }
  }

  @Override
  public void receive(Receiver receiver) {
    if (!receiving.compareAndSet(false, true)) {
      throw new IllegalStateException("receive was called before; call it once");
    }
    Loops.execute(loop, () -> start(receiver));
  }

  @Override
  public void close(CloseReason reason) {
    if (end(reason)) {
      Loops.execute(loop, finish);
    }
  }

  @Override
  public PeerInfo peer() {
    return peer;
  }

  @Override
  public void awaitAdmission() {
    awaited = true;
  }

  @Override
  public void admit() {
    carrier.admit();
  }

  /** Whether the node will say when it knows the peer. */
  boolean isAwaited() {
    return awaited;
  }

  /** A message has arrived; called on the loop. */
  void onBatch(Batch batch) {
    if (batch instanceof Batch.Incoming incoming) {
      onPacket(incoming.content());
    } else if (batch instanceof Batch.Oversized oversized) {
      close(
          CloseReason.protocol(
              "a Packet of "
                  + oversized.length()
                  + " bytes exceeds "
                  + SessionMethod.MAX_BATCH_BYTES
                  + ", put fewer frames in each ("
                  + peer.address()
                  + ")"));
    }
  }

  private void onPacket(ByteBuffer packet) {
    if (ending || receiver == null) {
      return;
    }
    Receiver target = receiver;
    boolean empty = !packet.hasRemaining();
    guarded(() -> deliver(target, packet));
    if (empty && !empties.take()) {
      close(
          CloseReason.protocol(
              "more than "
                  + EMPTIES
                  + " Packets without frames came in 10 s ("
                  + peer.address()
                  + ")"));
    }
    if (++inTurn % MESSAGES_IN_TURN == 0) {
      // GRPC would hand over all that it has read before another connection gets its turn.
      loop.execute(() -> ((SingleThreadEventLoop) loop).executeAfterEventLoopIteration(this::more));
    } else {
      more();
    }
  }

  private void more() {
    if (!ending) {
      carrier.request(1);
    }
  }

  /** The call takes more messages; called on the loop. */
  void onReady() {
    drain();
  }

  /** The call has ended without this side's doing; called on the loop. */
  void onEnd(CloseReason reason) {
    end(reason);
    finish();
  }

  private boolean end(CloseReason reason) {
    synchronized (lock) {
      if (end != null) {
        return false;
      }
      end = reason;
      ending = true;
      return true;
    }
  }

  /** Makes the loop write, unless it is about to; the lock is held. */
  private void scheduleDrain() {
    if (!draining) {
      Loops.execute(loop, drain);
      draining = true; // Behind it: where that threw nobody drains.
    }
  }

  private void drain() {
    try {
      write();
    } catch (RuntimeException | Error e) {
      failed("what was sent could not be written: ", e); // It is lost.
    }
  }

  private void write() {
    boolean tell = false;
    for (Batch.Outgoing next; (next = nextIfReady()) != null; ) {
      carrier.send(next);
      synchronized (lock) {
        output.reuse(next);
      }
    }
    synchronized (lock) {
      if (senderWaits && end == null && output.held() <= LOW_WATER_BYTES) {
        senderWaits = false;
        tell = true;
      }
    }
    if (tell) {
      tellWritable();
    }
  }

  private Batch.@Nullable Outgoing nextIfReady() {
    synchronized (lock) {
      // What does not go now goes when the call is ready again.
      Batch.Outgoing next = end == null && carrier.isReady() ? output.poll() : null;
      if (next == null) {
        draining = false;
      }
      return next;
    }
  }

  private void tellWritable() {
    if (receiver == null) {
      writable = true;
    } else {
      Receiver target = receiver;
      guarded(target::onWritable);
    }
  }

  private void start(Receiver first) {
    receiver = first;
    if (finished) {
      guarded(() -> first.onClosed(Objects.requireNonNull(end)));
      return;
    }
    if (writable) {
      guarded(first::onWritable);
    }
    if (!ending) {
      carrier.request(MESSAGES_AHEAD);
    }
  }

  private void deliver(Receiver target, ByteBuffer packet) {
    ByteBuffer view = packet.duplicate();
    boolean any = false;
    try {
      while (!ending && PacketReader.next(packet, view)) {
        any = true;
        target.onFrame(view.slice());
      }
    } catch (ProtocolException e) {
      close(CloseReason.protocol(e.getMessage() + " (" + peer.address() + ")"));
    }
    if (any && !ending) {
      target.onBatchEnd();
    }
  }

  private void finish() {
    if (finished) {
      return;
    }
    finished = true;
    CloseReason reason = reason();
    try {
      sayLast(reason);
    } catch (RuntimeException | Error e) {
      LoopGroup.said("A connection could not say its last", e);
    } finally {
      try {
        carrier.end(reason);
      } finally {
        if (receiver != null) {
          Receiver target = receiver;
          guarded(() -> target.onClosed(reason));
        }
      }
    }
  }

  private CloseReason reason() {
    synchronized (lock) {
      return Objects.requireNonNull(end);
    }
  }

  private void sayLast(CloseReason reason) {
    synchronized (lock) {
      if (reason.kind() == CloseReason.Kind.LOCAL) {
        for (Batch.Outgoing last; (last = output.poll()) != null; ) {
          carrier.send(last);
        }
      }
      output.clear();
    }
  }

  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      failed("the receiver failed: ", e);
    }
  }

  /** Ends it, since something was thrown that left it torn. */
  private void failed(String what, Throwable cause) {
    CloseReason reason = NO_MEMORY;
    try {
      reason = CloseReason.local(what + cause);
    } catch (RuntimeException | Error again) {
      // It stays as it is.
    }
    close(reason);
    LoopGroup.said("A connection failed", cause);
  }
}
