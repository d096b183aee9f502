package io.carrick.integration;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.PollableConnection;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** One end of a connection that may swallow all that it sends and gets. */
final class FaultyConnection implements PollableConnection {

  private final String endpoint;
  private final Connection real;
  private final Consumer<FaultyConnection> over;
  private final AtomicLong frames = new AtomicLong();
  private final Map<Thread, Long> readers = new ConcurrentHashMap<>();
  private volatile Receiver receiver;
  private volatile boolean black;
  private volatile boolean closeWasSwallowed;

  FaultyConnection(String endpoint, Connection real, Consumer<FaultyConnection> over) {
    this.endpoint = endpoint;
    this.real = real;
    this.over = over;
  }

  String endpoint() {
    return endpoint;
  }

  /** How many frames have arrived. */
  long frames() {
    return frames.get();
  }

  /** How many frames each thread has read. */
  Map<Thread, Long> readers() {
    return Map.copyOf(readers);
  }

  /** From now on nothing goes out and nothing comes in, not even the peer's close. */
  void blackHole() {
    black = true;
  }

  @Override
  public boolean send(ByteBuffer frame) {
    if (black) {
      frame.position(frame.limit());
      return true;
    }
    return real.send(frame);
  }

  @Override
  public void flush() {
    if (!black) {
      real.flush();
    }
  }

  @Override
  public void receive(Receiver target) {
    receiver = target;
    real.receive(new Swallowing(target));
  }

  @Override
  public void close(CloseReason reason) {
    over.accept(this);
    real.close(reason);
    if (closeWasSwallowed) {
      closeWasSwallowed = false;
      ForkJoinPool.commonPool().execute(() -> receiver.onClosed(reason));
    }
  }

  @Override
  public PeerInfo peer() {
    return real.peer();
  }

  @Override
  public boolean poll(Duration max) {
    return real instanceof PollableConnection pollable && pollable.poll(max);
  }

  private final class Swallowing implements Receiver {

    private final Receiver target;
    private boolean framesInBatch; // Of the reading thread.

    Swallowing(Receiver target) {
      this.target = target;
    }

    @Override
    public void onFrame(ByteBuffer frame) {
      if (!black) {
        frames.incrementAndGet();
        readers.merge(Thread.currentThread(), 1L, Long::sum);
        framesInBatch = true;
        target.onFrame(frame);
      }
    }

    @Override
    public void onBatchEnd() {
      if (framesInBatch) {
        framesInBatch = false;
        target.onBatchEnd();
      }
    }

    @Override
    public void onWritable() {
      target.onWritable();
    }

    @Override
    public void onClosed(CloseReason reason) {
      if (black && reason.kind() != CloseReason.Kind.LOCAL) {
        closeWasSwallowed = true;
      } else {
        over.accept(FaultyConnection.this);
        target.onClosed(reason);
      }
    }
  }
}
