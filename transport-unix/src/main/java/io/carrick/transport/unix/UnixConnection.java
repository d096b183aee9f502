package io.carrick.transport.unix;

import io.carrick.PeerLimits;
import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.PollableConnection;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import io.carrick.unix.Channels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One socket. Callers append to the output and write it themselves; what the socket does not take
 * is the loop's. Reading and callbacks belong to the one that has the turn: the loop, or a caller
 * that waits for an answer.
 */
final class UnixConnection implements PollableConnection, EventLoop.Ready {

  /** Made beforehand, for when there is no memory for another one. */
  private static final CloseReason NO_MEMORY = CloseReason.local("out of memory");

  private static final int LOW_WATER_BYTES = Transport.HIGH_WATER_BYTES / 2;

  /** A caller that goes on after false until this much is held loses the connection. */
  private static final int MAX_HELD_BYTES = 1024 * 1024;

  /** How often the last words of a peer are read, which may go on speaking. */
  private static final int LAST_READS = 16;

  private final UnixTransport transport;
  private final EventLoop loop;
  private final SocketChannel channel;
  private final PeerInfo peer;

  private final AtomicBoolean receiving = new AtomicBoolean();

  private final Object lock = new Object();
  private final Output output; // This and the next four: guarded by lock.
  private boolean loopWrites;
  private boolean senderWaits;
  private boolean broken;
  private @Nullable CloseReason end;
  private volatile boolean ending; // Whether end is set.

  private final Turn turn;
  private final Input input; // Touched only by the one that has the turn.
  private final Runnable tellWritable;
  private final Runnable finish = this::finish;
  private final Runnable tellClosed = this::tellClosed;

  // Touched only on the loop.
  private @Nullable SelectionKey key;
  private boolean finished;

  UnixConnection(
      UnixTransport transport,
      EventLoop loop,
      SocketChannel channel,
      PeerInfo peer,
      ChunkPool chunks) {
    this.transport = transport;
    this.loop = loop;
    this.channel = channel;
    this.peer = peer;
    this.output = new Output(chunks);
    this.turn = new Turn(loop, channel, this::waitForInput);
    this.input = new Input(this, channel);
    this.tellWritable = input::tellWritable;
  }

  /** Joins the loop; called on it, once, before anybody else sees the connection. */
  void register() throws IOException {
    loop.register(channel, 0, this);
  }

  @Override
  public void registered(SelectionKey other) {
    key = other;
  }

  @Override
  public void failed(Throwable cause) {
    failed("the loop failed: ", cause);
  }

  /** Ends it, since something was thrown that left it torn; throws nothing. */
  void failed(String what, Throwable cause) {
    CloseReason reason = NO_MEMORY;
    try {
      reason = CloseReason.local(what + cause);
    } catch (RuntimeException | Error again) {
      // It stays as it is.
    }
    close(reason);
  }

  @Override
  public void missed() {
    if (ending) {
      finish();
    }
    turn.missed();
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
      if (end != null || broken) {
        return false;
      }
      output.append(frame);
      if (output.held() > Transport.HIGH_WATER_BYTES) {
        write();
      }
      held = output.held();
      if (held <= Transport.HIGH_WATER_BYTES) {
        return !broken;
      }
      senderWaits = true;
      letLoopWrite();
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
      if (end == null) {
        write();
        if (!output.isEmpty()) {
          letLoopWrite();
        }
      }
    }
  }

  @Override
  public void receive(Receiver receiver) {
    if (!receiving.compareAndSet(false, true)) {
      throw new IllegalStateException("receive was called before; call it once");
    }
    onLoop(() -> start(receiver));
  }

  @Override
  public void close(CloseReason reason) {
    synchronized (lock) {
      if (end != null) {
        return;
      }
      end = reason;
      ending = true;
      output.clear();
    }
    try {
      loop.execute(finish);
    } catch (RuntimeException | Error e) {
      loop.lookForMissed();
    }
  }

  /** Runs a task on the loop; if it throws the connection ends. */
  private void onLoop(Runnable task) {
    loop.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            failed(e);
          }
        });
  }

  boolean isEnding() {
    return ending;
  }

  @Override
  public PeerInfo peer() {
    return peer;
  }

  @Override
  public boolean poll(Duration max) {
    if (max.isZero()) {
      turn.handBack();
      return false;
    }
    if (ending || loop.onThread() || !turn.take()) {
      return false;
    }
    try {
      Lease lease = turn.borrow();
      return lease != null && lease.await(max) && input.read(lease.input(), lease.view());
    } catch (IOException e) {
      close(CloseReason.network("cannot read from " + peer.address() + ": " + e));
      return false;
    } catch (RuntimeException | Error e) {
      failed("a caller could not read: ", e);
      return false;
    } finally {
      turn.end();
    }
  }

  @Override
  public void ready(int operations) {
    if ((operations & SelectionKey.OP_WRITE) != 0) {
      writeReady();
    }
    // Where a caller has the turn, it reads.
    if ((operations & SelectionKey.OP_READ) != 0 && turn.take()) {
      try {
        input.read(loop.input(), loop.view());
      } finally {
        turn.end();
      }
    }
  }

  /** Writes once, unless the loop does so as soon as the socket takes more; the lock is held. */
  private void write() {
    if (loopWrites || broken) {
      return;
    }
    try {
      output.writeTo(channel);
    } catch (IOException e) {
      // The peer is gone; what it said last may still be there to read.
      broken = true;
      output.clear();
      onLoop(() -> turn.run(() -> readLast(e)));
    }
  }

  private void letLoopWrite() {
    if (!loopWrites && !broken) {
      onLoop(() -> addInterest(SelectionKey.OP_WRITE));
      loopWrites = true; // Behind it: where that threw the loop does not know.
    }
  }

  private void writeReady() {
    boolean tell = false;
    synchronized (lock) {
      if (end != null) {
        return;
      }
      loopWrites = false;
      write();
      if (output.isEmpty()) {
        key().interestOpsAnd(~SelectionKey.OP_WRITE);
      } else {
        loopWrites = true;
      }
      if (senderWaits && output.held() <= LOW_WATER_BYTES && !broken) {
        senderWaits = false;
        tell = true;
      }
    }
    if (tell) {
      turn.run(tellWritable);
    }
  }

  /** Asks the peer for a least rate; before anybody else sees the connection. */
  void askFor(PeerLimits limits) {
    input.askFor(new LeastRate(peer.address(), limits, this::later, this::close));
  }

  private void later(Duration delay, Runnable task) {
    onLoop(() -> loop.schedule(delay, () -> turn.run(() -> unlessOver(task))));
  }

  private void unlessOver(Runnable task) {
    if (!ending) {
      task.run();
    }
  }

  private void start(Receiver first) {
    input.start(first);
    addInterest(SelectionKey.OP_READ);
    turn.end();
  }

  private void waitForInput(boolean wait) {
    if (wait) {
      addInterest(SelectionKey.OP_READ);
    } else if (!finished) {
      key().interestOpsAnd(~SelectionKey.OP_READ);
    }
  }

  private void addInterest(int operation) {
    if (!finished) {
      key().interestOpsOr(operation);
    }
  }

  private void readLast(IOException cause) {
    try {
      for (int i = 0; i < LAST_READS && input.read(loop.input(), loop.view()); i++) {}
      close(CloseReason.network("cannot write to " + peer.address() + ": " + cause.getMessage()));
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  private void finish() {
    if (!finished) {
      finished = true;
      Channels.close(channel);
      transport.forget(this);
      turn.runLast(tellClosed);
    }
  }

  private void tellClosed() {
    try {
      turn.giveBack();
    } finally {
      input.tellClosed(Objects.requireNonNull(end));
    }
  }

  private SelectionKey key() {
    return Objects.requireNonNull(key, "not registered");
  }
}
