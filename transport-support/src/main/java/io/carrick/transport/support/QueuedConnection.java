package io.carrick.transport.support;

import static java.lang.System.Logger.Level.WARNING;

import io.carrick.spi.CloseReason;
import io.carrick.spi.GuardedConnection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection over a {@link PacketChannel}: the rules C01 to C11 and C20 of
 * docs/transport-contract.md, for every transport whose library has a loop of its own or none.
 *
 * <p>Callbacks, and all that the channel is told, are on the loop; {@code send} and {@code flush}
 * only put frames together and wake the loop, so that what several callers flush leaves in one
 * packet. Whatever is thrown on the loop ends the connection, and nothing but it.
 */
public final class QueuedConnection implements GuardedConnection {

  private static final System.Logger LOG = System.getLogger(QueuedConnection.class.getName());

  /** Made beforehand, for when there is no memory for another one. */
  private static final CloseReason NO_MEMORY = CloseReason.local("out of memory");

  private static final int LOW_WATER_BYTES = Transport.HIGH_WATER_BYTES / 2;

  /** A caller that goes on after false until this much is held loses the connection. */
  private static final int MAX_HELD_BYTES = 1024 * 1024;

  /** Input asked for ahead: the next is there when one is handled. */
  private static final int INPUT_AHEAD = 4;

  /** Packets without frames cost their sender nothing: so many in 10 s are enough. */
  private static final int EMPTIES = 100;

  /** What a turn of the loop handles of one connection. */
  private static final int INPUT_IN_TURN = 256;

  private final Executor loop;
  private final PacketChannel channel;
  private final PeerInfo peer;
  private final AtomicBoolean receiving = new AtomicBoolean();
  private final Runnable drain = this::drain;
  private final Runnable finish = this::finish;
  private final Runnable more = this::more;

  private final Object lock = new Object();
  private final PacketQueue output = new PacketQueue(); // This and the next four: guarded by lock.
  private boolean draining;
  private boolean senderWaits;
  private boolean finishing;
  private @Nullable CloseReason end;
  private volatile boolean ending; // Whether end is set.
  private volatile boolean awaited;

  // Touched only on the loop, or after it has ended.
  private @Nullable Receiver receiver;
  private boolean writable;
  private boolean finished;
  private final Allowance empties = new Allowance(EMPTIES, 10);
  private int inTurn;

  /**
   * A connection that begins.
   *
   * @param loop runs tasks one at a time, in order and never inside {@code execute}; also when the
   *     transport has been closed, for a receiver that comes late. Memory that lacks is an error
   *     that it throws: then the task does not run
   * @param peer what is known of the other side
   */
  public QueuedConnection(Executor loop, PacketChannel channel, PeerInfo peer) {
    this.loop = loop;
    this.channel = channel;
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
    loop.execute(() -> start(receiver));
  }

  @Override
  public void close(CloseReason reason) {
    end(reason);
    synchronized (lock) {
      if (!finishing) {
        loop.execute(finish);
        finishing = true; // Behind it: where that threw the next close tries again.
      }
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
    channel.admit();
  }

  /** Whether the node will say when it knows the peer. */
  public boolean isAwaited() {
    return awaited;
  }

  /**
   * Input has arrived, which is valid during the call. Called on the loop, for as much as was asked
   * for; what comes without a receiver is lost.
   *
   * @param frames what finds the frames in it; what it leaves of the input is the caller's
   */
  public void onInput(ByteBuffer input, FrameSource frames) {
    Receiver target = receiver;
    if (ending || target == null) {
      return;
    }
    boolean empty = !input.hasRemaining();
    try {
      deliver(target, input, frames);
    } catch (RuntimeException | Error e) {
      failed("the receiver failed: ", e);
    }
    if (empty && !empties.take()) {
      close(
          CloseReason.protocol(
              "more than "
                  + EMPTIES
                  + " Packets without frames came in 10 s ("
                  + peer.address()
                  + ")"));
    }
    if (++inTurn % INPUT_IN_TURN == 0) {
      channel.afterOthers(more);
    } else {
      more();
    }
  }

  private void more() {
    if (!ending) {
      channel.request(1);
    }
  }

  /** The channel takes more; called on the loop, never inside a method of the channel. */
  public void onReady() {
    drain();
  }

  /** The channel has ended without this side's doing; called on the loop. */
  public void onEnd(CloseReason reason) {
    end(reason);
    finish();
  }

  private void end(CloseReason reason) {
    synchronized (lock) {
      if (end == null) {
        end = reason;
        ending = true;
      }
    }
  }

  /** Makes the loop write, unless it is about to; the lock is held. */
  private void scheduleDrain() {
    if (!draining) {
      loop.execute(drain);
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
    for (Packet next; (next = nextIfReady()) != null; ) {
      if (channel.send(next)) {
        synchronized (lock) {
          output.reuse(next);
        }
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

  private @Nullable Packet nextIfReady() {
    synchronized (lock) {
      // What does not go now goes when the channel is ready again.
      Packet next = end == null && channel.isReady() ? output.poll() : null;
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
      tellClosed(reason());
      return;
    }
    if (writable) {
      guarded(first::onWritable);
    }
    if (!ending) {
      channel.request(INPUT_AHEAD);
    }
  }

  private void deliver(Receiver target, ByteBuffer input, FrameSource frames) {
    ByteBuffer view = input.duplicate();
    boolean any = false;
    try {
      while (!ending && frames.next(input, view)) {
        any = true;
        target.onFrame(view.slice());
      }
    } catch (FramingException e) {
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
      SafeLog.log(LOG, WARNING, "A connection could not say its last", e);
    } finally {
      try {
        channel.end(reason);
      } finally {
        tellClosed(reason);
      }
    }
  }

  /** Not guarded by what would take memory. */
  private void tellClosed(CloseReason reason) {
    try {
      if (receiver != null) {
        receiver.onClosed(reason);
      }
    } catch (RuntimeException | Error e) {
      SafeLog.log(LOG, WARNING, "The receiver of a connection failed", e);
    }
  }

  private CloseReason reason() {
    synchronized (lock) {
      return Objects.requireNonNull(end);
    }
  }

  private void sayLast(CloseReason reason) {
    for (Packet last; (last = nextOfRest(reason)) != null; ) {
      channel.send(last);
    }
  }

  private @Nullable Packet nextOfRest(CloseReason reason) {
    synchronized (lock) {
      Packet next = reason.kind() == CloseReason.Kind.LOCAL ? output.poll() : null;
      if (next == null) {
        output.clear();
      }
      return next;
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
    SafeLog.log(LOG, WARNING, "A connection failed", cause);
  }
}
