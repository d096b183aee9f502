package io.carrick.testkit;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a connection receives, and notes every call that breaks the rules of {@link Receiver}:
 * see {@link #faults()}. Any thread may ask it.
 */
public class RecordingReceiver implements Receiver {

  private static final int MOST_FAULTS = 20;

  private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
  private final Semaphore writable = new Semaphore(0);
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable String> current = new AtomicReference<>();
  private final AtomicInteger batches = new AtomicInteger();
  private volatile boolean inBatch;

  /** Creates a receiver that has seen nothing yet. */
  public RecordingReceiver() {}

  @Override
  public final void onFrame(ByteBuffer frame) {
    enter("onFrame");
    inBatch = true;
    handle(frame);
    leave();
  }

  @Override
  public final void onBatchEnd() {
    enter("onBatchEnd");
    if (!inBatch) {
      fault("onBatchEnd without a frame before it");
    }
    inBatch = false;
    batches.incrementAndGet();
    handleBatchEnd();
    leave();
  }

  @Override
  public final void onWritable() {
    enter("onWritable");
    handleWritable();
    writable.release();
    leave();
  }

  @Override
  public final void onClosed(CloseReason reason) {
    enter("onClosed");
    if (!closed.complete(reason)) {
      fault("onClosed a second time: " + reason);
    }
    leave();
  }

  /** Takes each frame; keeps a copy unless overridden. */
  protected void handle(ByteBuffer frame) {
    byte[] copy = new byte[frame.remaining()];
    frame.get(copy);
    frames.add(copy);
  }

  /** Takes the end of each batch; does nothing unless overridden. */
  protected void handleBatchEnd() {}

  /** Takes each {@code onWritable}; does nothing unless overridden. */
  protected void handleWritable() {}

  /**
   * The next frame that was kept.
   *
   * @throws AssertionError if none comes in time
   */
  public byte[] nextFrame() {
    try {
      byte[] frame = frames.poll(Await.LONG_ENOUGH.toMillis(), TimeUnit.MILLISECONDS);
      if (frame == null) {
        throw new AssertionError("No frame in time; closed: " + closed + ", faults: " + faults);
      }
      return frame;
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  /** How many frames were kept and not taken. */
  public int waiting() {
    return frames.size();
  }

  /** How many batches have ended. */
  public int batches() {
    return batches.get();
  }

  /** Whether frames came after the last end of a batch. */
  public boolean inBatch() {
    return inBatch;
  }

  /**
   * Waits for one {@code onWritable} that was not waited for before.
   *
   * @throws AssertionError if none comes in time
   */
  public void awaitWritable() {
    try {
      if (!writable.tryAcquire(Await.LONG_ENOUGH.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("No onWritable in time; closed: " + closed);
      }
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  /** Forgets each {@code onWritable} that nobody waited for. */
  public void forgetWritable() {
    writable.drainPermits();
  }

  /** Done once the connection is closed. */
  public CompletableFuture<CloseReason> closed() {
    return closed;
  }

  /** What the connection did that its contract forbids; empty if all is well. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  private void enter(String callback) {
    String running = current.getAndSet(callback);
    if (running != null) {
      fault(callback + " overlaps " + running + " (C05)");
    }
    if (CheckedSender.isSending()) {
      fault(callback + " inside send or flush (C05)");
    }
    if (closed.isDone() && !callback.equals("onClosed")) {
      fault(callback + " after onClosed (C08)");
    }
  }

  private void leave() {
    current.set(null);
  }

  private void fault(String what) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(what + " on " + Thread.currentThread().getName());
    }
  }
}
