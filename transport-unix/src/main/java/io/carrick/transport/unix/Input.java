package io.carrick.transport.unix;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Receiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads one connection and calls its receiver. One thread at a time: the one that has the turn. */
final class Input {

  private static final System.Logger LOG = System.getLogger(Input.class.getName());

  private final UnixConnection connection;
  private final ReadableByteChannel channel;
  private final FrameReader reader = new FrameReader();
  private @Nullable Receiver receiver;
  private @Nullable Pace pace;

  Input(UnixConnection connection, ReadableByteChannel channel) {
    this.connection = connection;
    this.channel = channel;
  }

  void start(Receiver first) {
    receiver = first;
  }

  /** Asks the peer for a least rate; before anything is read. */
  void askFor(Pace least) {
    pace = least;
  }

  /**
   * Reads once what is there, {@link EventLoop#READ_BYTES} at most, unless the connection ends.
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
    try {
      int space;
      int n;
      do {
        space = input.remaining();
        n = channel.read(input);
        total += Math.max(n, 0);
        input.flip();
        guarded(() -> deliver(input, view));
        input.compact();
      } while (n == space && total < EventLoop.READ_BYTES && !connection.isEnding());
      reader.keep(input);
      if (pace != null) {
        pace.read(total, reader.frames(), reader.isPartial());
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
    guarded(() -> receiver().onClosed(reason));
  }

  private void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      // What was read with it is lost, so the connection cannot go on.
      LOG.log(System.Logger.Level.WARNING, "The receiver of " + address() + " failed", e);
      connection.close(CloseReason.local("the receiver failed: " + e));
    }
  }

  private String address() {
    return connection.peer().address();
  }

  private Receiver receiver() {
    return Objects.requireNonNull(receiver, "not received");
  }
}
