package io.carrick.transport.unix;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Receiver;
import io.carrick.transport.support.FrameReader;
import io.carrick.transport.support.FramingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads one connection and calls its receiver. One thread at a time: the one that has the turn. */
final class Input {

  /** What is read at a time of a peer whose frames are small: they cost more than their bytes. */
  static final int SMALL_READ_BYTES = 16 * 1024;

  /** What a turn handles at least before it ends with the next read: half a millisecond or so. */
  static final int FRAMES = 1024;

  private static final int SMALL_FRAME_BYTES = 256;

  private final UnixConnection connection;
  private final ReadableByteChannel channel;
  private final FrameReader reader = new FrameReader();
  private @Nullable Receiver receiver;
  private @Nullable LeastRate leastRate;
  private int most = SMALL_READ_BYTES;

  Input(UnixConnection connection, ReadableByteChannel channel) {
    this.connection = connection;
    this.channel = channel;
  }

  void start(Receiver first) {
    receiver = first;
  }

  /** Asks the peer for a least rate; before anything is read. */
  void askFor(LeastRate least) {
    leastRate = least;
  }

  /**
   * Reads once what is there, unless the connection ends: {@link EventLoop#READ_BYTES} at most, or
   * of small frames {@link #FRAMES} and what is left of one read.
   *
   * @param input empty, with room for the largest frame
   * @param view another view of its bytes
   * @return whether anything came
   */
  boolean read(ByteBuffer input, ByteBuffer view) {
    if (connection.isEnding()) {
      return false;
    }
    reader.restore(input);
    int total = 0;
    long before = reader.frames();
    try {
      int space;
      int n;
      do {
        space = Math.min(most, input.remaining());
        input.limit(input.position() + space);
        n = channel.read(input);
        total += Math.max(n, 0);
        input.flip();
        long frames = reader.frames();
        guarded(() -> deliver(input, view));
        boolean small = n < (reader.frames() - frames) * SMALL_FRAME_BYTES;
        most = small ? SMALL_READ_BYTES : EventLoop.READ_BYTES;
        input.compact();
      } while (n == space
          && total < EventLoop.READ_BYTES
          && reader.frames() - before < FRAMES
          && !connection.isEnding());
      reader.keep(input);
      if (leastRate != null) {
        leastRate.read(total, reader.frames(), reader.isPartial());
      }
      if (n < 0) {
        closeAtEnd();
      }
    } catch (IOException e) {
      connection.close(
          CloseReason.network("cannot read from " + address() + ": " + e.getMessage()));
    }
    return total > 0;
  }

  private void deliver(ByteBuffer input, ByteBuffer view) {
    Receiver target = receiver();
    boolean any = false;
    try {
      while (!connection.isEnding() && reader.next(input, view)) {
        any = true;
        target.onFrame(view);
      }
    } catch (FramingException e) {
      connection.close(CloseReason.protocol(e.getMessage() + " (" + address() + ")"));
    }
    if (any && !connection.isEnding()) {
      target.onBatchEnd();
    }
  }

  private void closeAtEnd() {
    String truncation = reader.truncation();
    connection.close(
        truncation.isEmpty()
            ? CloseReason.peer("the peer closed the connection")
            : CloseReason.network(
                "the connection to " + address() + " ended " + truncation + "; the peer died"));
  }

  void tellWritable() {
    guarded(receiver()::onWritable);
  }

  void tellClosed(CloseReason reason) {
    // Not guarded by what would take memory.
    try {
      receiver().onClosed(reason);
    } catch (RuntimeException | Error e) {
      EventLoop.said(System.Logger.Level.WARNING, "The receiver of a connection failed", e);
    }
  }

  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      // What was read with it is lost, so the connection cannot go on.
      connection.failed("the receiver failed: ", e);
      EventLoop.said(System.Logger.Level.WARNING, "The receiver of a connection failed", e);
    }
  }

  private String address() {
    return connection.peer().address();
  }

  private Receiver receiver() {
    return Objects.requireNonNull(receiver, "not received");
  }
}
