package io.carrick.transport.unix;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import io.carrick.spi.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One socket. Callers append to the output and write it themselves; what the socket does not take,
 * all reading and all callbacks are the loop's.
 */
final class UnixConnection implements Connection, EventLoop.Ready {

  private static final System.Logger LOG = System.getLogger(UnixConnection.class.getName());

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

  // Touched only on the loop.
  private final FrameReader reader = new FrameReader();
  private @Nullable SelectionKey key;
  private @Nullable Receiver receiver;
  private boolean writable;
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
  }

  /** Joins the loop; called on it, once, before anybody else sees the connection. */
  void register() throws IOException {
    key = loop.register(channel, 0, this);
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
    loop.execute(() -> start(receiver));
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
    loop.execute(this::finish);
  }

  @Override
  public PeerInfo peer() {
    return peer;
  }

  @Override
  public void ready(int operations) {
    if ((operations & SelectionKey.OP_WRITE) != 0) {
      writeReady();
    }
    if ((operations & SelectionKey.OP_READ) != 0 && !ending) {
      readReady();
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
      loop.execute(() -> readLast(e));
    }
  }

  private void letLoopWrite() {
    if (!loopWrites && !broken) {
      loopWrites = true;
      loop.execute(() -> addInterest(SelectionKey.OP_WRITE));
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
      tellWritable();
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
    addInterest(SelectionKey.OP_READ);
    if (writable) {
      guarded(first::onWritable);
    }
  }

  private void addInterest(int operation) {
    if (!finished) {
      key().interestOpsOr(operation);
    }
  }

  /** Reads for one turn; whether anything came. */
  private boolean readReady() {
    Receiver target = Objects.requireNonNull(receiver);
    ByteBuffer input = loop.input();
    reader.restore(input);
    int total = 0;
    try {
      int space;
      int n;
      do {
        space = input.remaining();
        n = channel.read(input);
        total += Math.max(n, 0);
        input.flip();
        guarded(() -> deliver(target, input));
        input.compact();
      } while (n == space && total < EventLoop.READ_BYTES && !ending);
      reader.keep(input);
      if (n < 0) {
        closeAtEnd();
      }
    } catch (IOException e) {
      close(CloseReason.network("cannot read from " + peer.address() + ": " + e.getMessage()));
    }
    return total > 0;
  }

  private void deliver(Receiver target, ByteBuffer input) {
    ByteBuffer view = loop.view();
    boolean any = false;
    try {
      while (!ending && reader.next(input, view)) {
        any = true;
        target.onFrame(view);
      }
    } catch (FramingException e) {
      close(CloseReason.protocol(e.getMessage() + " (" + peer.address() + ")"));
    }
    if (any && !ending) {
      target.onBatchEnd();
    }
  }

  private void closeAtEnd() {
    String truncation = reader.truncation();
    close(
        truncation.isEmpty()
            ? CloseReason.peer("the peer closed the connection")
            : CloseReason.network(
                "the connection to "
                    + peer.address()
                    + " ended "
                    + truncation
                    + "; the peer died"));
  }

  private void readLast(IOException cause) {
    for (int i = 0; i < LAST_READS && receiver != null && !ending && readReady(); i++) {}
    close(CloseReason.network("cannot write to " + peer.address() + ": " + cause.getMessage()));
  }

  private void finish() {
    finished = true;
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "Closing " + peer.address() + " failed", e);
    }
    transport.forget(this);
    if (receiver != null) {
      Receiver target = receiver;
      guarded(() -> target.onClosed(Objects.requireNonNull(end)));
    }
  }

  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "The receiver of " + peer.address() + " failed", e);
      close(CloseReason.local("the receiver failed: " + e));
    }
  }

  private SelectionKey key() {
    return Objects.requireNonNull(key, "not registered");
  }
}
