package io.carrick.transport.memory;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pair. Each end owns the frames on their way to it; {@code send} puts a copy there,
 * and the thread of this end's transport delivers them.
 */
final class MemoryConnection implements Connection {

  private static final System.Logger LOG = System.getLogger(MemoryConnection.class.getName());

  /** What an empty frame counts, so that empty frames are bounded, too. */
  private static final int FRAME_COST = 16;

  private static final int LOW_WATER_BYTES = Transport.HIGH_WATER_BYTES / 2;

  /** A caller that goes on after false until this much is held loses the connection. */
  private static final int MAX_HELD_BYTES = 1024 * 1024;

  private final MemoryTransport transport;
  private final PeerInfo peerInfo;
  private final Object lock = new Object();
  private @Nullable MemoryConnection other; // Set before anybody else sees this connection.

  // Guarded by lock.
  private ArrayDeque<byte[]> sent = new ArrayDeque<>();
  private ArrayDeque<byte[]> flushed = new ArrayDeque<>();
  private int held;
  private boolean senderWaits;
  private boolean writable;
  private boolean scheduled;
  private @Nullable Receiver receiver;
  private @Nullable CloseReason end;

  private volatile boolean closed; // By this side: nothing more is delivered.

  MemoryConnection(MemoryTransport transport, Endpoint endpoint) {
    this.transport = transport;
    this.peerInfo =
        new PeerInfo(
            endpoint.toString(),
            new Principal("memory", "local"),
            SecurityLevel.MUTUAL,
            true,
            false);
  }

  void join(MemoryConnection peer) {
    other = peer;
    peer.other = this;
  }

  @Override
  public boolean send(ByteBuffer frame) {
    if (frame.remaining() > Transport.MAX_FRAME_BYTES) {
      throw new IllegalArgumentException(
          "Frame of "
              + frame.remaining()
              + " bytes exceeds the 65536 allowed on every transport; split it");
    }
    if (ended()) {
      return false;
    }
    byte[] copy = new byte[frame.remaining()];
    frame.get(copy);
    int heldNow = other().put(copy);
    if (heldNow > MAX_HELD_BYTES) {
      close(
          CloseReason.local(
              heldNow + " bytes were sent although send said false; wait for onWritable"));
    }
    return heldNow >= 0 && heldNow <= Transport.HIGH_WATER_BYTES;
  }

  @Override
  public void flush() {
    other().deliverAll();
  }

  @Override
  public void receive(Receiver receiver) {
    synchronized (lock) {
      if (this.receiver != null) {
        throw new IllegalStateException("receive was called before; call it once");
      }
      this.receiver = receiver;
      schedule();
    }
  }

  @Override
  public void close(CloseReason reason) {
    synchronized (lock) {
      closed = true;
      if (end != null) {
        return;
      }
      end = reason;
      sent.clear();
      flushed.clear();
      schedule();
    }
    transport.forget(this);
    other().peerClosed();
  }

  @Override
  public PeerInfo peer() {
    return peerInfo;
  }

  /** Takes a frame from the other end; says how many bytes are on their way, -1 if it has ended. */
  private int put(byte[] frame) {
    synchronized (lock) {
      if (end != null) {
        return -1;
      }
      sent.add(frame);
      held += frame.length + FRAME_COST;
      if (held > Transport.HIGH_WATER_BYTES) {
        // The caller waits now, perhaps without a flush.
        senderWaits = true;
        release();
      }
      return held;
    }
  }

  private void deliverAll() {
    synchronized (lock) {
      release();
    }
  }

  private void release() {
    if (flushed.isEmpty()) {
      ArrayDeque<byte[]> empty = flushed;
      flushed = sent;
      sent = empty;
    } else {
      flushed.addAll(sent);
      sent.clear();
    }
    schedule();
  }

  private void peerClosed() {
    synchronized (lock) {
      if (end != null) {
        return;
      }
      end = CloseReason.peer("the peer closed the connection");
      schedule();
    }
    transport.forget(this);
  }

  private void becomeWritable() {
    synchronized (lock) {
      writable = true;
      schedule();
    }
  }

  /** Makes the transport's thread come here if there is something to tell; the lock is held. */
  private void schedule() {
    if (receiver != null && !scheduled && (!flushed.isEmpty() || writable || end != null)) {
      scheduled = true;
      transport.execute(this::run);
    }
  }

  private void run() {
    Receiver target;
    ArrayDeque<byte[]> batch;
    boolean tellWritable;
    CloseReason last;
    synchronized (lock) {
      target = Objects.requireNonNull(receiver);
      batch = flushed;
      flushed = new ArrayDeque<>();
      tellWritable = writable && end == null;
      writable = false;
      last = end;
    }
    guarded(() -> deliver(target, batch, tellWritable));
    if (last != null) {
      guarded(() -> target.onClosed(last));
      return; // It stays scheduled, so this was the last call.
    }
    synchronized (lock) {
      scheduled = false;
      schedule();
    }
  }

  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "The receiver of " + peerInfo.address() + " failed", e);
      close(CloseReason.local("the receiver failed: " + e));
    }
  }

  private void deliver(Receiver target, ArrayDeque<byte[]> batch, boolean tellWritable) {
    if (tellWritable) {
      target.onWritable();
    }
    int delivered = 0;
    boolean any = false;
    for (byte[] frame; !closed && (frame = batch.poll()) != null; ) {
      delivered += frame.length + FRAME_COST;
      any = true;
      target.onFrame(ByteBuffer.wrap(frame));
    }
    if (any && !closed) {
      target.onBatchEnd();
    }
    drained(delivered);
  }

  private void drained(int bytes) {
    synchronized (lock) {
      held -= bytes;
      if (!senderWaits || held > LOW_WATER_BYTES) {
        return;
      }
      senderWaits = false;
    }
    other().becomeWritable();
  }

  private boolean ended() {
    synchronized (lock) {
      return end != null;
    }
  }

  private MemoryConnection other() {
    return Objects.requireNonNull(other);
  }
}
